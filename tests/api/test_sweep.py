"""Every route of the app, without and with wrong credentials: refused in one form, and nothing done.

The routes are the app's own list, so that one that is added is swept too.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from temporalio.client import Client

from agno_temporal.api.principals import Scope
from agno_temporal.api.service import new_service
from tests.api.guarded import SIGNER, STRANGER, Keys, Operation, app_of, calling, operations, paths, some_keys
from tests.api.issuer import ordinary
from tests.api.served import problem, release
from tests.support import Bench

PUBLIC = {"/v1/health", "/v1/ready", "/health", "/ready"}
"""What is answered without credentials, because whoever asks has none: the machinery that starts and stops servers."""


@dataclass
class Swept:
    """An app, a run of it that waits, and what everybody would have to do to change it."""

    app: FastAPI
    keys: Keys
    bench: Bench
    run_id: str
    requirement_id: str

    @property
    def guarded(self) -> list[Operation]:
        return [one for one in operations(self.app) if one.path not in PUBLIC]

    async def call(self, one: Operation, http: httpx.AsyncClient, **options: object) -> httpx.Response:
        url = one.url(run_id=self.run_id, requirement_id=self.requirement_id, workflow_id="release")
        content = None if one.method == "GET" else b'{"workflow_id": "release"}'
        headers = {"Content-Type": "application/json"}
        return await http.request(one.method, url, content=content, headers=headers, **options)  # type: ignore[arg-type]

    async def standing(self) -> tuple[int, int]:
        """How long the run's history is, and how many runs there are."""
        description = await self.bench.client.get_workflow_handle(self.run_id).describe()
        runs = [one async for one in self.bench.runs.list_runs()]
        return description.history_length, len(runs)


@pytest.fixture(scope="module")
async def swept(server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Swept]:
    bench = Bench(await Client.connect(server), f"test-{uuid.uuid4()}")
    workflow = release()
    keys = await some_keys(tmp_path_factory.mktemp("keys"))
    app = app_of(new_service([workflow], bench.client, task_queue=bench.task_queue), keys)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v1")
        [asked] = await bench.paused(run_id)
        yield Swept(app, keys, bench, run_id, asked.requirement.id)


def unsigned() -> str:
    parts = ({"alg": "none", "kid": "one"}, {**ordinary(), "scope": "admin"})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), ""])


NOW = int(time.time())
FOREIGN = {
    "nothing": {},
    "a-password": {"Authorization": "Basic YWRtaW46YWRtaW4="},
    "an-unknown-key": {"Authorization": f"Bearer agt_{'a' * 12}_{'b' * 52}"},
    "half-a-key": {"Authorization": "Bearer agt_"},
    "an-unsigned-token": {"Authorization": f"Bearer {unsigned()}"},
    "a-strangers-token": {"Authorization": f"Bearer {STRANGER.token(scope='admin')}"},
    "an-expired-token": {"Authorization": f"Bearer {SIGNER.token(scope='admin', exp=NOW - 3600)}"},
    "a-token-for-another": {"Authorization": f"Bearer {SIGNER.token(scope='admin', aud='other')}"},
    "a-token-of-another-issuer": {"Authorization": f"Bearer {SIGNER.token(scope='admin', iss='other')}"},
    "a-token-in-a-cookie": {"Cookie": f"Authorization={SIGNER.token(scope='admin')}"},
    "the-word-of-a-proxy": {"X-Forwarded-User": "admin", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
}
OURS = ("an-expired-key", "a-revoked-key", "another-keys-secret", "a-key-in-the-address")


@pytest.mark.parametrize("name", [*FOREIGN, *OURS])
async def test_wrong_credentials_are_refused_everywhere_and_nothing_is_done(swept: Swept, name: str):
    tokens = swept.keys.tokens
    headers = FOREIGN.get(name) or {
        "an-expired-key": {"Authorization": f"Bearer {tokens['expired']}"},
        "a-revoked-key": {"Authorization": f"Bearer {tokens['revoked']}"},
        "another-keys-secret": {"Authorization": f"Bearer {tokens['admin'][:17]}{tokens['read'][17:]}"},
    }.get(name, {})
    query = {"token": tokens["admin"], "api_key": tokens["admin"]} if name == "a-key-in-the-address" else None
    before = await swept.standing()
    async with calling(swept.app, None) as http:
        http.headers.update(headers)
        for one in swept.guarded:
            answer = await swept.call(one, http, params=query)
            problem(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"].startswith("Bearer "), one
    assert await swept.standing() == before


@pytest.mark.parametrize("scope", [Scope.READ, Scope.RUN, Scope.DECIDE])
async def test_a_scope_opens_only_what_it_is_for(swept: Swept, scope: Scope):
    before = await swept.standing()
    async with calling(swept.app, swept.keys.tokens[scope.value]) as http:
        for one in swept.guarded:
            if scope not in one.scopes:
                answer = await swept.call(one, http)
                body = problem(answer, 403, "insufficient-scope")
                assert body["scope"] in one.scopes, one
                assert "insufficient_scope" in answer.headers["www-authenticate"]
    assert await swept.standing() == before


async def test_every_route_asks_for_one_scope_and_none_changes_anything_for_a_reader(swept: Swept):
    for one in swept.guarded:
        assert len(one.scopes) == 1, f"{one} is open, or asks twice"
        assert (one.scopes[0] is Scope.READ) <= (one.method == "GET"), one
        assert ("/requirements/" in one.path and one.method == "POST") <= (one.scopes[0] is Scope.DECIDE), one


async def test_no_route_is_left_out_of_the_description(swept: Swept):
    undescribed = paths(swept.app) - set(swept.app.openapi()["paths"])
    assert undescribed <= {"/openapi.json", "/health", "/ready", "/metrics"}


async def test_an_administrator_may_read_everything(swept: Swept):
    async with calling(swept.app, swept.keys.tokens["admin"]) as http:
        for one in swept.guarded:
            if one.method == "GET" and not one.path.endswith("/events"):
                assert (await swept.call(one, http)).status_code not in (401, 403), one


async def test_a_body_is_not_read_for_whom_nobody_knows(swept: Swept):
    async with calling(swept.app, None) as http:
        for one in swept.guarded:
            if one.method == "POST":
                url = one.url(run_id=swept.run_id, requirement_id=swept.requirement_id)
                answer = await http.post(url, content=b"[" * 5_000_000, headers={"Content-Type": "text/plain"})
                problem(answer, 401, "unauthorized")


async def test_every_answer_tells_a_browser_what_it_is(swept: Swept):
    async with calling(swept.app, swept.keys.tokens["read"]) as http:
        for answer in (await http.get("/v1/workflows"), await http.get("/nowhere"), await http.get("/openapi.json")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert not {"server", "access-control-allow-origin", "x-powered-by"} & set(answer.headers)


async def test_the_description_says_what_credentials_each_route_wants(swept: Swept):
    description = swept.app.openapi()
    assert description["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, methods in description["paths"].items():
        for one in methods.values():
            assert ("security" not in one) if path in PUBLIC else one["security"] == [{"bearer": []}], path
