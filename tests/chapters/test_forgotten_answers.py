"""Of many questions a run takes the newest answers along; of older ones it knows that they were decided."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Workflow
from httpx import ASGITransport, AsyncClient

from agno_temporal.api.app import create_app
from agno_temporal.api.service import Service
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision, RefusalCode, requirement_id
from agno_temporal.workflows import saving
from tests.api.deciding import Api, ByName, decided, problem
from tests.chapters.scenes import all_replay, numbers
from tests.running.tools import refusal_of
from tests.support import Bench


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "ANSWERED_KEPT", 1)


async def confirmed(bench: Bench, workflow: Workflow, times: int) -> tuple[str, list[Asked]]:
    """A run in which that many questions were confirmed by ana, and the next one is open."""
    run_id = await bench.start(workflow, "go")
    asked = []
    for number in range(times):
        [one] = await bench.paused(run_id)
        confirm = Decision(one.requirement.id, Action.CONFIRM, decided_by="ana", decision_id=f"key-{number}")
        await bench.runs.decide(run_id, confirm)
        asked.append(one)
    await bench.paused(run_id)
    return run_id, asked


async def test_a_forgotten_question_is_told_from_one_that_was_never_asked(bench: Bench) -> None:
    workflow = numbers(6, requires_confirmation=True)
    async with bench.worker(workflow, continue_after=5):
        run_id, [first, *_] = await confirmed(bench, workflow, 5)
        late = Decision(first.requirement.id, Action.REJECT, decided_by="ben")
        refusal = await refusal_of(bench, run_id, late)
        never = requirement_id(run_id, first.requirement.path, 7)
        unknown = await refusal_of(bench, run_id, Decision(never, Action.CONFIRM))
        await bench.runs.signal(run_id, late)
        told = await bench.runs.told(run_id)
        [last] = await bench.paused(run_id)
        await bench.runs.decide(run_id, Decision(last.requirement.id, Action.CONFIRM))
        manifest = await bench.ended(run_id)
    assert (refusal.code, refusal.winner, unknown.code) == (RefusalCode.ALREADY_DECIDED, None, RefusalCode.NOT_FOUND)
    assert [event.event for _, event in told].count("StepPaused") == 6
    assert (manifest.status, manifest.session_state, manifest.refused) == (
        "COMPLETED",
        {"n": 6},
        (f"reject: {refusal.message}",),
    )
    assert await all_replay(bench.client, run_id) > 3


async def test_over_http_the_database_says_who_decided(bench: Bench, tmp_path: Path) -> None:
    workflow = numbers(6, requires_confirmation=True)
    workflow.db = SqliteDb(db_file=str(tmp_path / "runs.db"))
    app = create_app(Service(bench.runs, {}, {}, db=workflow.db, access=ByName()))
    async with (
        bench.worker(workflow, continue_after=5),
        AsyncClient(transport=ASGITransport(app), base_url="http://api") as http,
    ):
        api = Api(http)
        run_id, [first, *_] = await confirmed(bench, workflow, 5)
        one = first.requirement.id
        again = decided(await api.decide(run_id, one, "confirm", by="ana", key="key-0"))
        late = problem(await api.decide(run_id, one, "reject", by="ben"), 409, "already-decided")
        shown = (await api.get(f"/v1/runs/{run_id}/requirements/{one}")).json()
        problem(await api.get(f"/v1/runs/{run_id}/requirements/{uuid.uuid4()}"), 404, "requirement-not-found")
    assert (again["action"], again["decided_by"]) == ("confirm", "ana")
    assert (late["winner"]["action"], late["winner"]["decided_by"]) == ("confirm", "ana")
    assert (shown["requirement_id"], shown["decision"]["decided_by"]) == (one, "ana")
