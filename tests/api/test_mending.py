"""What an administrator does to a run over HTTP: end it at once, or try what is blocked in it at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from agno.workflow import Step, Workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from agno_temporal.api.service import new_service
from tests.api.guarded import app_of, calling, some_keys
from tests.api.served import Served, over, problem, release, served, some_id
from tests.support import Bench, eventually


@pytest.fixture
async def api(bench: Bench) -> AsyncIterator[Served]:
    """Without a worker: nothing here needs one, but what the tests do before."""
    async with served(bench, release(), worker=False) as one:
        yield one


async def blocked_run(api: Served) -> str:
    """A run whose last step the deployed workflow had not, when it was tried."""
    async with api.bench.worker(release()):
        run_id = await api.start(input="v2")
    without = Workflow(name="release", steps=[*release().steps[:2], Step(name="sell", executor=lambda given: "sold")])
    async with api.bench.worker(without):
        [asked] = await api.bench.paused(run_id)
        await api.http.post(f"/v1/runs/{run_id}/requirements/{asked.requirement.id}/confirm")
        await eventually("the step to be blocked", lambda: api.bench.runs.blocked(run_id))
    return run_id


async def terminated_because(client: Client, run_id: str) -> str:
    """The reason that Temporal keeps."""
    async for event in client.get_workflow_handle(run_id).fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
            return event.workflow_execution_terminated_event_attributes.reason
    raise AssertionError("it was not terminated")


async def test_a_run_is_ended_at_once_and_temporal_keeps_why_and_by_whom(api: Served) -> None:
    run_id = await api.bench.start(release(), "v1")
    answer = await api.http.post(f"/v1/runs/{run_id}/terminate", json={"reason": "wrong tenant"})

    why = "wrong tenant (by anonymous)"
    assert (answer.status_code, answer.json()) == (200, {"run_id": run_id, "terminated": True, "reason": why})
    assert await terminated_because(api.bench.client, run_id) == why
    assert (await api.get(f"/v1/runs/{run_id}"))["status"] == "ERROR"


async def test_a_reason_may_be_left_out_and_may_be_long(api: Served) -> None:
    for body, said in ((None, "terminated through the API"), ({"reason": "é" * 1000}, "é" * 1000)):
        run_id = await api.bench.start(release(), "v1")
        answer = await api.http.post(f"/v1/runs/{run_id}/terminate", json=body)
        assert answer.status_code == 200, answer.text
        assert await terminated_because(api.bench.client, run_id) == f"{said} (by anonymous)"


async def test_what_is_blocked_is_tried_at_once(api: Served) -> None:
    run_id = await blocked_run(api)
    async with api.bench.worker(release()):
        answer = await api.http.post(f"/v1/runs/{run_id}/unblock")
        assert (await api.bench.ended(run_id)).status == "COMPLETED"

    assert answer.status_code == 200, answer.text
    [tried] = answer.json()["tried"]
    assert (tried["activity_id"], tried["attempts"] >= 1) == ("2#1", True)
    assert "ship" in tried["reason"]


@pytest.mark.parametrize("step", ["gate", "0", "nothing", "2#2"])
async def test_another_step_is_refused_with_those_that_are_blocked(api: Served, step: str) -> None:
    run_id = await blocked_run(api)
    answer = await api.http.post(f"/v1/runs/{run_id}/unblock", json={"step": step})
    assert [one["activity_id"] for one in problem(answer, 422, "step-not-blocked")["blocked"]] == ["2#1"]


async def test_where_nothing_is_blocked_nothing_is_tried(api: Served) -> None:
    run_id = await api.bench.start(release(), "v1")
    for body in ({}, {"step": "ship"}):
        answer = await api.http.post(f"/v1/runs/{run_id}/unblock", json=body)
        assert problem(answer, 409, "nothing-blocked")["blocked"] == []


@pytest.mark.parametrize("action", ["terminate", "unblock"])
async def test_a_run_that_has_ended_stays_as_it_is(api: Served, action: str) -> None:
    async with api.bench.worker(release()):
        run_id = await api.start()
        await api.bench.runs.cancel(run_id)
        await api.bench.ended(run_id)
    answer = await api.http.post(f"/v1/runs/{run_id}/{action}")
    assert problem(answer, 409, "run-closed")["run_status"] == "CANCELLED"


@pytest.mark.parametrize("action", ["terminate", "unblock"])
async def test_no_run_and_a_run_of_others_are_no_run(api: Served, action: str) -> None:
    foreign = some_id("foreign")
    handle = await api.bench.client.start_workflow("release", {}, id=foreign, task_queue=some_id("queue"))
    for run_id in ("nothing", foreign):
        problem(await api.http.post(f"/v1/runs/{run_id}/{action}"), 404, "run-not-found")
    assert (await handle.describe()).status.name == "RUNNING"


async def test_an_administrator_is_named_in_the_reason(bench: Bench, tmp_path: Path) -> None:
    keys = await some_keys(tmp_path)
    app = app_of(new_service([release()], bench.client, task_queue=bench.task_queue), keys, isolation=True)
    run_id = await bench.start(release(), "v1")
    async with calling(app, keys.tokens["admin"]) as admin:
        answer = await admin.post(f"/v1/runs/{run_id}/terminate", json={"reason": "stuck"})
    assert answer.json()["reason"].startswith("stuck (by ")
    assert "anonymous" not in answer.json()["reason"]
    async with over(app) as nobody:
        problem(await nobody.post(f"/v1/runs/{run_id}/terminate"), 401, "unauthorized")
