"""Users kept apart: another's run is not there, by its address, in a list, or by what an answer gives away."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Workflow
from fastapi import FastAPI
from temporalio.client import Client

from agno_temporal.agno_bridge.request import request_of
from agno_temporal.api.principals import Scope
from agno_temporal.api.service import new_service
from agno_temporal.contract import names
from tests.api.guarded import SIGNER, Keys, app_of, calling, operations, some_keys
from tests.api.served import problem, release
from tests.api.test_past_retention import deleted
from tests.support import Bench, eventually

ALL = "read run decide"


@dataclass
class Apart:
    """An API whose users are kept apart. `ana` has a run that waits."""

    app: FastAPI
    keys: Keys
    bench: Bench
    workflow: Workflow
    run_id: str
    requirement_id: str

    def user(self, name: str, scope: str = ALL) -> httpx.AsyncClient:
        return calling(self.app, SIGNER.token(sub=name, scope=scope))


@pytest.fixture(scope="module")
async def apart(server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Apart]:
    bench = Bench(await Client.connect(server), f"test-{uuid.uuid4()}")
    workflow = release(SqliteDb(db_file=str(tmp_path_factory.mktemp("db") / "agno.db")))
    keys = await some_keys(tmp_path_factory.mktemp("keys"))
    app = app_of(new_service([workflow], bench.client, task_queue=bench.task_queue), keys, isolation=True)
    async with bench.worker(workflow):
        async with calling(app, SIGNER.token(sub="ana", scope=ALL)) as ana:
            run_id = await started(ana)
        [asked] = await bench.paused(run_id)
        yield Apart(app, keys, bench, workflow, run_id, asked.requirement.id)


async def started(http: httpx.AsyncClient, **body: Any) -> str:
    answer = await http.post("/v1/runs", json={"workflow_id": "release", "input": "v1", **body})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["run_id"])


def without(body: dict[str, Any], *ids: str) -> str:
    text = repr(body)
    for one in ids:
        text = text.replace(one, "ID")
    return text


async def test_another_users_run_is_at_no_address(apart: Apart):
    unknown = str(uuid.uuid4())
    touching = [one for one in operations(apart.app) if "{run_id}" in one.path]
    assert touching
    async with apart.user("bob") as bob:
        for one in touching:
            told = []
            for run_id in (apart.run_id, unknown):
                url = one.url(run_id=run_id, requirement_id=apart.requirement_id)
                content = None if one.method == "GET" else b"{}"
                answer = await bob.request(
                    one.method, url, content=content, headers={"Content-Type": "application/json"}
                )
                told.append((answer.status_code, without(answer.json(), run_id)))
            assert told[0] == told[1], one
            assert told[0][0] in ((403,) if one.scopes == (Scope.ADMIN,) else (404, 422)), (one, told)
    assert await apart.bench.paused(apart.run_id)


async def test_the_own_run_is_there(apart: Apart):
    async with apart.user("ana") as ana:
        found = await ana.get(f"/v1/runs/{apart.run_id}")
        assert (found.status_code, found.json()["user_id"]) == (200, "ana")


async def test_an_administrator_sees_every_users_runs(apart: Apart):
    async with calling(apart.app, apart.keys.tokens["admin"]) as admin:
        assert (await admin.get(f"/v1/runs/{apart.run_id}")).status_code == 200
        assert apart.run_id in {one["run_id"] for one in (await admin.get("/v1/runs")).json()["runs"]}


async def test_lists_are_of_the_own_runs(apart: Apart):
    async with apart.user("ana") as ana, apart.user("bob") as bob:
        mine = await started(bob)
        await apart.bench.paused(mine)
        for path, name in (("/v1/runs", "runs"), ("/v1/requirements", "pending")):
            assert {one["run_id"] for one in (await bob.get(path)).json()[name]} == {mine}
            assert mine not in {one["run_id"] for one in (await ana.get(path)).json()[name]}
            problem(await bob.get(path, params={"user_id": "ana"}), 403, "forbidden")
            by_run = await bob.get(path, params={"run_id": apart.run_id} if name == "pending" else {"user_id": "bob"})
            assert apart.run_id not in by_run.text


async def test_a_cursor_of_another_users_list_is_none(apart: Apart):
    async with apart.user("ana") as ana, apart.user("bob") as bob:
        await started(ana)

        async def cursor() -> Any:
            return (await ana.get("/v1/runs", params={"limit": 1})).json()["cursor"]

        problem(
            await bob.get("/v1/runs", params={"cursor": await eventually("two runs", cursor)}), 422, "invalid-cursor"
        )


async def test_a_run_is_started_as_oneself(apart: Apart):
    async with apart.user("bob") as bob:
        answer = await bob.post("/v1/runs", json={"workflow_id": "release", "user_id": "ana"})
        problem(answer, 403, "forbidden")
        headers = {"X-User": "ana", "X-Forwarded-User": "ana", "X-User-Id": "ana"}
        run_id = (await bob.post("/v1/runs", json={"workflow_id": "release"}, headers=headers)).json()["run_id"]
    description = await apart.bench.client.get_workflow_handle(run_id).describe()
    assert await description.memo_value(names.MEMO_USER) == "bob"


async def test_a_taken_run_id_gives_nothing_away_and_attaches_to_nothing(apart: Apart):
    async with apart.user("bob") as bob:
        body = {"workflow_id": "release", "input": "v1", "run_id": apart.run_id}
        told = problem(await bob.post("/v1/runs", json=body), 409, "run-id-reused")
        assert "release" not in told["detail"].replace(apart.run_id, "")


async def test_the_same_idempotency_key_of_two_users_starts_two_runs(apart: Apart):
    headers = {"Idempotency-Key": "one"}
    found = []
    for name in ("ana", "bob"):
        async with apart.user(name) as http:
            found.append(
                (await http.post("/v1/runs", json={"workflow_id": "release"}, headers=headers)).json()["run_id"]
            )
    assert found[0] != found[1]


async def test_credentials_without_a_user_need_to_be_an_administrators(apart: Apart):
    async with calling(apart.app, await apart.keys.make("machine", Scope.READ, Scope.RUN)) as machine:
        problem(await machine.get("/v1/runs"), 403, "no-user")
        problem(await machine.post("/v1/runs", json={"workflow_id": "release"}), 403, "no-user")


async def test_a_key_of_a_user_sees_what_the_user_sees(apart: Apart):
    async with calling(apart.app, await apart.keys.make("anas", Scope.READ, user_id="ana")) as http:
        assert (await http.get(f"/v1/runs/{apart.run_id}")).status_code == 200


async def test_a_run_that_another_program_started_is_its_users(apart: Apart):
    run_id = f"raw-{uuid.uuid4()}"
    await apart.bench.client.start_workflow(
        "release", {"input": "v1", "user_id": "carol"}, id=run_id, task_queue=apart.bench.task_queue
    )
    async with apart.user("carol") as carol, apart.user("bob") as bob:
        assert (await carol.get(f"/v1/runs/{run_id}")).status_code == 200
        problem(await bob.get(f"/v1/runs/{run_id}"), 404, "run-not-found")


async def test_a_run_of_nobody_is_nobodys(apart: Apart):
    run_id = await apart.bench.start(apart.workflow, "v1")
    async with apart.user("bob") as bob:
        problem(await bob.get(f"/v1/runs/{run_id}"), 404, "run-not-found")


async def test_another_users_session_is_not_taken_over(apart: Apart):
    session_id = f"session-{uuid.uuid4()}"
    async with apart.user("ana") as ana, apart.user("bob") as bob:
        await apart.bench.paused(await started(ana, session_id=session_id, session_state={"secret": "anas"}))
        run_id = await started(bob, session_id=session_id)
        ended = await apart.bench.ended(run_id)
        assert ended.status == "ERROR"
        assert "secret" not in (await bob.get(f"/v1/runs/{run_id}")).text


async def test_without_isolation_a_user_sees_all_runs_and_starts_for_anybody(apart: Apart):
    service = new_service([apart.workflow], apart.bench.client, task_queue=apart.bench.task_queue)
    async with calling(app_of(service, apart.keys), SIGNER.token(sub="bob", scope=ALL)) as bob:
        assert (await bob.get(f"/v1/runs/{apart.run_id}")).status_code == 200
        run_id = await started(bob, user_id="dora")
    description = await apart.bench.client.get_workflow_handle(run_id).describe()
    assert await description.memo_value(names.MEMO_USER) == "dora"


async def test_numbers_over_all_users_are_for_administrators(apart: Apart):
    async with apart.user("bob") as bob, calling(apart.app, apart.keys.tokens["admin"]) as admin:
        for path in ("/v1/metrics", "/metrics"):
            problem(await bob.get(path), 403, "insufficient-scope")
            assert (await admin.get(path)).status_code == 200


async def test_a_session_that_is_nobodys_is_not_a_users_to_go_on_with(apart: Apart):
    theirs = {"workflow_id": "release", "input": "v1", "session_id": "nobodys", "session_state": {"secret": "treasure"}}
    async with calling(apart.app, apart.keys.tokens["admin"]) as admin, apart.user("bob") as bob:
        first = (await admin.post("/v1/runs?wait=30", json=theirs)).json()
        refused = await bob.post("/v1/runs?wait=30", json={**theirs, "session_state": None})
        second = (await admin.post("/v1/runs?wait=30", json={**theirs, "session_state": None})).json()
        mine = (await bob.get("/v1/runs")).json()["runs"]

    assert first["run"]["status"] == second["run"]["status"] == "PAUSED"
    assert (refused.json()["run"]["status"], refused.json()["run"]["steps"]) == ("ERROR", [])
    assert "belongs to another user" in refused.text
    assert (await apart.bench.runs.manifest(second["run_id"])).session_state == {"secret": "treasure"}
    assert first["run_id"] not in {one["run_id"] for one in mine}


@pytest.mark.slow  # To delete a run takes a server half a minute.
async def test_the_id_of_another_users_run_is_taken_when_temporal_has_forgotten_it(apart: Apart):
    body = {"workflow_id": "release", "input": "ana's diagnosis", "run_id": f"{apart.bench.task_queue}-15"}
    async with apart.user("ana") as ana, apart.user("bob") as bob:
        assert (await ana.post("/v1/runs?wait=30", json=body)).status_code == 201
        await apart.bench.runs.cancel(body["run_id"])
        await apart.bench.ended(body["run_id"])
        await deleted(apart.bench, body["run_id"])
        taken = problem(await bob.post("/v1/runs", json={**body, "input": "mine"}), 409, "run-id-reused")
        mine = await ana.get(f"/v1/runs/{body['run_id']}")

    assert taken["detail"] == f"The run id {body['run_id']!r} is taken. Use another."
    assert (mine.status_code, mine.json()["source"]) == (200, "database")


@pytest.mark.slow
async def test_rows_of_another_users_run_are_not_told_to_who_has_its_id_now(apart: Apart):
    """As where the database was away when it was started."""
    run_id = f"{apart.bench.task_queue}-16"
    async with apart.user("ana") as ana, apart.user("bob") as bob:
        body = {"workflow_id": "release", "input": "ana's diagnosis", "run_id": run_id}
        assert (await ana.post("/v1/runs?wait=30", json=body)).status_code == 201
        [asked] = await apart.bench.paused(run_id)
        address = f"/v1/runs/{run_id}/requirements/{asked.requirement.id}"
        decided = await ana.post(f"{address}/reject", json={"feedback": "a note of ana"})
        assert decided.status_code == 200, decided.text
        await apart.bench.ended(run_id)
        await deleted(apart.bench, run_id)
        request = request_of(apart.workflow, "mine", user_id="bob")
        await apart.bench.runs.start("release", request, run_id)
        refused = await apart.bench.ended(run_id)
        told = [await bob.get(f"/v1/runs/{run_id}{part}") for part in ("", "/output", "/requirements")]
        late = await bob.post(f"{address}/reject", json={})

    assert refused.status == "ERROR"
    assert problem(late, 409, "run-closed")["run_status"] == "ERROR"
    assert [one.status_code for one in told] == [200, 200, 200]
    assert not any("ana" in one.text for one in (*told, late))
