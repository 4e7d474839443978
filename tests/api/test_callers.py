"""The app around its routes: how often one may call, whose pages may, and heads that are made to harm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from agno_temporal.api.access import Limited
from agno_temporal.api.app import create_app
from agno_temporal.api.credentials import Credentials
from agno_temporal.api.rates import Rate
from agno_temporal.api.service import Service, new_service
from tests.api.guarded import Keys, calling, some_keys
from tests.api.served import over, problem, release
from tests.support import Bench

PAGE = "https://app.example.org"


@pytest.fixture
async def keys(tmp_path: Path) -> Keys:
    return await some_keys(tmp_path)


@pytest.fixture
def service(bench: Bench, keys: Keys) -> Service:
    return new_service([release()], bench.client, task_queue=bench.task_queue, access=keys.access())


@pytest.fixture
def app(service: Service) -> FastAPI:
    return create_app(service)


async def test_who_calls_too_often_is_told_when_to_come_back(service: Service, keys: Keys):
    app = create_app(replace(service, access=Limited(keys.access(), Rate(per_second=0.01, burst=2))))
    async with calling(app, keys.tokens["read"]) as reader, calling(app, keys.tokens["admin"]) as other:
        assert [(await reader.get("/v1/workflows")).status_code for _ in range(2)] == [200, 200]
        refused = await reader.get("/v1/workflows")
        problem(refused, 429, "rate-limited")
        assert 0 < int(refused.headers["retry-after"]) <= 100
        assert (await other.get("/v1/workflows")).status_code == 200


async def test_who_guesses_too_often_is_told_when_to_come_back(service: Service, keys: Keys):
    guarded = keys.access()
    access = Credentials(guarded._keys, guarded._tokens, failures=Rate(per_second=0.01, burst=2))
    async with calling(create_app(replace(service, access=access)), "guess") as http:
        assert [(await http.get("/v1/workflows")).status_code for _ in range(3)] == [401, 401, 429]


async def test_no_other_page_may_read_unless_it_was_named(app: FastAPI, service: Service, keys: Keys):
    asks = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for one, allowed in ((app, None), (create_app(service, cors_origins=[PAGE]), PAGE)):
        async with calling(one, keys.tokens["read"]) as http:
            preflight = await http.options("/v1/runs", headers=asks)
            answer = await http.get("/v1/workflows", headers={"Origin": PAGE})
            assert answer.status_code == 200
            for found in (preflight, answer):
                assert found.headers.get("access-control-allow-origin") == allowed
                assert "access-control-allow-credentials" not in found.headers
            assert (preflight.status_code == 200) is (allowed is not None)


async def test_a_page_that_no_browser_names_is_refused(service: Service):
    with pytest.raises(ValueError, match="is a pattern"):
        create_app(service, cors_origins=[PAGE, "https://*.example.org"])


async def test_a_named_page_may_send_and_read_all_that_the_document_says(service: Service, keys: Keys):
    app = create_app(service, cors_origins=[PAGE])
    routes = [
        (path, method.upper(), operation)
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    ]
    async with calling(app, keys.tokens["read"]) as http:
        for path, method, operation in routes:
            takes = [one["name"] for one in operation.get("parameters", []) if one["in"] == "header"]
            sent = ", ".join(["Authorization", "Content-Type", *takes])
            asks = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": sent}
            preflight = await http.options(path, headers={"Origin": PAGE, **asks})
            assert preflight.status_code == 200, (path, method, takes, preflight.text)
        answer = await http.get("/v1/workflows", headers={"Origin": PAGE})
    answers = [one for *_, operation in routes for one in operation["responses"].values()]
    told = {name for one in answers for name in one.get("headers", {})}
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {*told, "Agno-Temporal-Source", "Preference-Applied"} <= {*exposed}
    assert {method for _, method, _ in routes} == {"DELETE", "GET", "POST"}


async def test_a_page_that_was_not_named_is_not_let_in_with_one_that_was(service: Service, keys: Keys):
    async with calling(create_app(service, cors_origins=[PAGE]), keys.tokens["read"]) as http:
        for origin in ("https://app.example.org.evil.com", "null", "http://app.example.org"):
            answer = await http.get("/v1/workflows", headers={"Origin": origin})
            assert "access-control-allow-origin" not in answer.headers


async def test_without_credentials_only_a_request_of_this_machine_is_answered(service: Service):
    app = create_app(new_service([release()], service.runs.client, task_queue=service.task_queue))
    async with over(app) as http:
        assert (await http.get("/v1/workflows")).status_code == 200
        problem(await http.get("/v1/workflows", headers={"Host": "evil.example.org"}), 403, "not-local")
        problem(await http.get("/v1/workflows", headers={"X-Forwarded-For": "127.0.0.1"}), 403, "not-local")
        sent = await http.post("/v1/runs", json={"workflow_id": "release"}, headers={"Origin": PAGE})
        problem(sent, 403, "cross-site-request")
    transport = httpx.ASGITransport(app, client=("10.0.0.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as other:
        problem(await other.get("/v1/workflows"), 403, "not-local")
    assert not [one async for one in service.runs.list_runs()]


HOSTILE = {
    "a-very-long-credential": [("Authorization", f"Bearer agt_{'a' * 20_000}")],
    "many-credentials": [("Authorization", "Bearer agt_x")] * 50,
    "bytes-beyond-ascii": [("Authorization", b"Bearer \xff\xfe\x80")],
    "a-nul": [("Authorization", b"Bearer agt_\x00")],
    "a-nested-token": [("Authorization", f"Bearer {'W1tb' * 3_000}.e30.AA")],
    "an-empty-one": [("Authorization", b"")],
    "only-spaces": [("Authorization", b"      ")],
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_credential_is_a_wrong_one(app: FastAPI, name: str):
    headers = [(key.encode(), one.encode() if isinstance(one, str) else one) for key, one in HOSTILE[name]]
    async with over(app) as http:
        problem(await http.get("/v1/workflows", headers=headers), 401, "unauthorized")
