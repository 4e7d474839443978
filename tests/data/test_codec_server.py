"""The codec server: Temporal's command line reads an encrypted run through it, and nobody else does."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import shutil
from typing import Any

import pytest

from agno_temporal.api.app import create_app
from agno_temporal.api.guarding import guarded
from agno_temporal.api.principals import Principal, Scope
from agno_temporal.api.service import Service, new_service
from agno_temporal.api.settings import settings_from
from agno_temporal.connect.bad_setting import BadSetting
from agno_temporal.contract.sealed import UNOPENED
from tests.api.served import over, problem
from tests.api.serving import serving
from tests.data.scenes import NEW, OLD, gated, having
from tests.support import Bench

UI = "http://localhost:8233"


class Known:
    """Knows everybody as one caller."""

    def __init__(self, *scopes: Scope, user_id: str | None = None) -> None:
        self._principal = Principal("key:test", frozenset(scopes), user_id)

    async def principal(self, connection: Any) -> Principal:
        return self._principal


def service_of(bench: Bench, **options: Any) -> Service:
    service = new_service([gated()], having(bench, OLD).client, task_queue=bench.task_queue)
    return dataclasses.replace(service, codec=True, **options)


async def sealed(bench: Bench, keys: dict[str, bytes] = OLD) -> dict[str, Any]:
    """A payload as Temporal's tools send it."""
    (payload,) = await having(bench, keys).client.data_converter.encode(["a secret"])
    metadata = {name: base64.b64encode(value).decode() for name, value in payload.metadata.items()}
    return {"metadata": metadata, "data": base64.b64encode(payload.data).decode()}


async def test_what_it_opens_and_encrypts_is_the_same(bench: Bench) -> None:
    async with over(create_app(service_of(bench))) as http:
        answer = await http.post("/v1/codec/decode", json={"payloads": [await sealed(bench)]})
        (opened,) = answer.json()["payloads"]
        assert json.loads(base64.b64decode(opened["data"])) == "a secret"
        (again,) = (await http.post("/v1/codec/encode", json={"payloads": [opened]})).json()["payloads"]
        assert base64.b64decode(again["metadata"]["encryption-key-id"]) == b"old"
        assert (await http.post("/v1/codec/decode", json={"payloads": [again]})).json()["payloads"] == [opened]


async def test_what_it_cannot_open_comes_back_as_it_was(bench: Bench) -> None:
    async with over(create_app(service_of(bench))) as http:
        other = await sealed(bench, NEW)
        assert (await http.post("/v1/codec/decode", json={"payloads": [other]})).json()["payloads"] == [other]


async def test_a_page_of_the_largest_outputs_is_opened(bench: Bench) -> None:
    (payload,) = await having(bench, OLD).client.data_converter.encode(["x" * 1_900_000])
    one = {
        "metadata": {name: base64.b64encode(value).decode() for name, value in payload.metadata.items()},
        "data": base64.b64encode(payload.data).decode(),
    }
    async with over(create_app(service_of(bench))) as http:
        assert (await http.post("/v1/codec/decode", json={"payloads": [one, one]})).status_code == 200


async def test_what_says_that_it_is_sealed_and_is_not_is_refused(bench: Bench) -> None:
    forged = {"metadata": {"encoding": base64.b64encode(UNOPENED).decode()}, "data": base64.b64encode(b"x").decode()}
    async with over(create_app(service_of(bench))) as http:
        problem(await http.post("/v1/codec/encode", json={"payloads": [forged]}), 422, "invalid-request")


async def test_it_is_off_unless_it_is_asked_for_and_needs_keys(bench: Bench) -> None:
    service = new_service([gated()], having(bench, OLD).client, task_queue=bench.task_queue)
    async with over(create_app(guarded(service, settings_from({})))) as http:
        problem(await http.post("/v1/codec/decode", json={"payloads": []}), 404, "not-found")
    asked_for = settings_from({"AGNO_TEMPORAL_API_CODEC": "true"})
    async with over(create_app(guarded(service, asked_for))) as http:
        assert (await http.post("/v1/codec/decode", json={"payloads": []})).json() == {"payloads": []}
    with pytest.raises(BadSetting, match="AGNO_TEMPORAL_ENCRYPTION_KEYS"):
        guarded(new_service([gated()], bench.client, task_queue=bench.task_queue), asked_for)


@pytest.mark.parametrize(
    ("access", "isolation", "status"),
    [
        (Known(Scope.READ), False, 200),
        (Known(Scope.RUN, Scope.DECIDE), False, 403),
        (Known(Scope.READ, user_id="ana"), True, 403),
        (Known(Scope.ADMIN), True, 200),
    ],
)
async def test_who_may_read_all_runs_may_call_it(bench: Bench, access: Known, isolation: bool, status: int) -> None:
    async with over(create_app(service_of(bench, access=access, isolation=isolation))) as http:
        answer = await http.post("/v1/codec/decode", json={"payloads": [await sealed(bench)]})
    assert answer.status_code == status
    if status == 403:
        problem(answer, 403, "insufficient-scope")


async def test_a_page_of_temporals_user_interface_may_call_it_where_it_is_named(bench: Bench) -> None:
    asks = {"Origin": UI, "Access-Control-Request-Method": "POST"}
    asks["Access-Control-Request-Headers"] = "authorization,content-type,x-namespace"
    for origins, allowed in (([UI], UI), ([], None)):
        async with over(create_app(service_of(bench), cors_origins=origins)) as http:
            answer = await http.options("/v1/codec/decode", headers=asks)
        assert answer.headers.get("access-control-allow-origin") == allowed


@pytest.mark.parametrize(
    "body", [{"payloads": 1}, {"payloads": [{"data": "?"}]}, {"payloads": [{"metadata": {"a": "?"}}]}, []]
)
async def test_another_body_is_refused(bench: Bench, body: Any) -> None:
    async with over(create_app(service_of(bench))) as http:
        problem(await http.post("/v1/codec/decode", json=body), 422, "invalid-request")


async def test_temporals_command_line_reads_and_signals_an_encrypted_run_through_it(bench: Bench, server: str) -> None:
    ours = having(bench, OLD)
    workflow = gated()

    async def temporal(*arguments: str) -> str:
        command = [shutil.which("temporal") or "temporal", "workflow", *arguments, "--address", server]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said
        return said.decode()

    async with ours.worker(workflow), serving(create_app(service_of(bench))) as url:
        through = ("--codec-endpoint", f"{url}/v1/codec")
        run_id = await ours.start(workflow, "a secret")
        (asked,) = await ours.paused(run_id)
        asking = ("query", "-w", run_id, "--name", "run_output", "-o", "json")
        assert "done first" not in await temporal(*asking)
        assert "done first" in await temporal(*asking, *through)
        confirmed = json.dumps({"requirement_id": asked.requirement.id})
        await temporal("signal", "-w", run_id, "--name", "confirm", "--input", confirmed, *through)
        await ours.ended(run_id)
    assert (await ours.runs.run_output(run_id)).content == "after done first"
