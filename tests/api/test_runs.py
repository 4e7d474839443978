"""Runs over HTTP: started once however often that is asked, read, and cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from tests.api.served import Served, over, problem, release, served, some_id
from tests.support import Bench, eventually


@pytest.fixture
async def api(bench: Bench, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(bench, release(SqliteDb(db_file=str(tmp_path / "agno.db")))) as one:
        yield one


async def test_a_start_answers_the_run_once_it_waits(api: Served) -> None:
    body = {"workflow_id": "release", "input": "v2", "run_id": some_id("run"), "user_id": "ana", "session_id": "s"}
    answer = await api.http.post("/v1/runs?wait=30", json=body)

    assert answer.status_code == 201
    run = answer.json()["run"]
    assert (run["status"], run["user_id"], run["session_id"], run["input"]) == ("PAUSED", "ana", "s", "v2")
    assert [one["message"] for one in run["pending"]] == ["Ship it?"]


async def test_a_start_without_waiting_answers_at_once(api: Served) -> None:
    answer = await api.http.post("/v1/runs", json={"workflow_id": "release"})

    assert answer.status_code == 201
    assert (answer.json()["started"], answer.json()["run"]) == (True, None)


async def stripped(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """A proxy that serves an app under a prefix, of which the app does not know."""
    await app({**scope, "path": scope["path"].removeprefix("/shop")}, receive, send)


@pytest.mark.parametrize(
    ("within", "address"),
    [
        (lambda app: app, "/v1/runs"),
        (lambda app: Starlette(routes=[Mount("/shop", app)]), "/shop/v1/runs"),
        (lambda app: partial(stripped, app), "/shop/v1/runs"),
    ],
    ids=["alone", "mounted", "behind a proxy"],
)
async def test_a_start_says_where_the_run_is(bench: Bench, within: Callable[[ASGIApp], ASGIApp], address: str) -> None:
    app = create_app(new_service([release()], bench.client, task_queue=bench.task_queue))
    async with over(within(app)) as http:
        started = await http.post(address, json={"workflow_id": "release", "run_id": some_id("run")})

    place = started.request.url.join(started.headers["location"])
    assert place.path == f"{address}/{started.json()['run_id']}"


async def test_the_same_request_under_the_same_id_attaches(api: Served) -> None:
    body = {"workflow_id": "release", "input": {"version": 2}, "run_id": some_id("run")}
    first = await api.http.post("/v1/runs", json=body)
    second = await api.http.post("/v1/runs", json=body)

    assert (first.status_code, first.json()["started"]) == (201, True)
    assert (second.status_code, second.json()["started"]) == (200, False)
    assert second.headers["location"] == first.headers["location"]


async def test_another_request_under_the_same_id_is_refused(api: Served) -> None:
    body = {"workflow_id": "release", "input": "v1", "run_id": some_id("run")}
    await api.http.post("/v1/runs", json=body)

    problem(await api.http.post("/v1/runs", json={**body, "input": "v2"}), 409, "run-id-reused")


async def test_an_idempotency_key_starts_one_run(api: Served) -> None:
    key = {"Idempotency-Key": some_id("key")}
    first = await api.http.post("/v1/runs", json={"workflow_id": "release", "input": "v1"}, headers=key)
    again = await api.http.post("/v1/runs", json={"workflow_id": "release", "input": "v1"}, headers=key)
    other = await api.http.post("/v1/runs", json={"workflow_id": "release", "input": "v2"}, headers=key)

    assert again.json()["run_id"] == first.json()["run_id"]
    assert (first.status_code, again.status_code) == (201, 200)
    problem(other, 422, "idempotency-key-reused")


async def test_a_run_id_and_a_key_together_are_refused(api: Served) -> None:
    body = {"workflow_id": "release", "run_id": some_id("run")}

    problem(await api.http.post("/v1/runs", json=body, headers={"Idempotency-Key": "k"}), 422, "invalid-request")


async def test_an_unknown_workflow_starts_nothing(api: Served) -> None:
    problem(await api.http.post("/v1/runs", json={"workflow_id": "other"}), 404, "workflow-not-found")


async def test_a_run_is_read_whole_and_as_agno_has_it(api: Served) -> None:
    run_id = await api.start(input="v2", metadata={"team": "web"})

    run = await api.get(f"/v1/runs/{run_id}")
    output = await api.get(f"/v1/runs/{run_id}/output")

    assert (run["status"], run["source"]) == ("PAUSED", "run")
    assert [step["state"] for step in run["steps"]] == ["done", "waiting", "not_yet"]
    assert (output["status"], output["run_id"], output["metadata"]) == ("PAUSED", run_id, {"team": "web"})


async def test_an_unknown_run_is_no_run(api: Served) -> None:
    for path in ("/v1/runs/nothing", "/v1/runs/nothing/output", "/v1/runs/%00", f"/v1/runs/{'x' * 900}"):
        answer = await api.http.get(path)
        assert answer.status_code in (404, 422), path
        problem(answer, answer.status_code, "run-not-found" if answer.status_code == 404 else "invalid-request")
    problem(await api.http.post("/v1/runs/nothing/cancel"), 404, "run-not-found")


async def test_a_cancel_ends_the_run_and_may_be_repeated(api: Served) -> None:
    run_id = await api.start()
    first = await api.http.post(f"/v1/runs/{run_id}/cancel")

    async def cancelled() -> bool:
        return bool((await api.get(f"/v1/runs/{run_id}"))["status"] == "CANCELLED")

    await eventually("the run to be cancelled", cancelled)
    again = await api.http.post(f"/v1/runs/{run_id}/cancel")

    assert (first.status_code, again.status_code) == (202, 200)


async def test_a_run_that_has_ended_is_not_cancelled(bench: Bench) -> None:
    async with served(bench, release(requires_confirmation=False)) as api:
        run_id = await api.start()
        answer = await api.http.post(f"/v1/runs/{run_id}/cancel")

    assert problem(answer, 409, "run-closed")["run_status"] == "COMPLETED"


async def test_a_run_on_another_queue_is_none_of_ours(api: Served) -> None:
    run_id = some_id("foreign")
    await api.bench.client.start_workflow("release", {}, id=run_id, task_queue=some_id("queue"))

    problem(await api.http.get(f"/v1/runs/{run_id}"), 404, "run-not-found")
    problem(await api.http.post(f"/v1/runs/{run_id}/cancel"), 404, "run-not-found")
    assert (await api.bench.client.get_workflow_handle(run_id).describe()).status.name == "RUNNING"
