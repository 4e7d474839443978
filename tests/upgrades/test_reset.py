"""`temporal workflow reset`: a run is put back to an earlier place in its history, decisions and all.

Temporal sends the updates and signals that came later to the run again, at once. A gate that is open at that place
takes its decision again; one that opens later asks anew, because nobody has decided about what it shows now.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from agno.db.base import SessionType
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from agno_temporal.cli.rebuilding import rebuilt
from agno_temporal.hitl import Action, Decision
from tests.support import Bench, eventually

DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


class Scene:
    """A run of ``a``, the gate ``g``, ``b``, the gate ``h`` and ``c``."""

    def __init__(self, bench: Bench, db: SqliteDb | None = None) -> None:
        self.bench = bench
        self.ran: list[str] = []
        self.run_id = f"run-{uuid.uuid4()}"
        steps = [self.step("a"), self.step("g", asks=True), self.step("b"), self.step("h", asks=True), self.step("c")]
        self.workflow = Workflow(name="reset", steps=steps, db=db)

    def step(self, name: str, asks: bool = False) -> Step:
        def run(step_input: Any) -> str:
            self.ran.append(name)
            return name

        return Step(name=name, executor=run, human_review=HumanReview(requires_confirmation=asks))

    async def tasks(self) -> list[int]:
        """The places that a run can be put back to: its workflow tasks."""
        history = await self.bench.client.get_workflow_handle(self.run_id).fetch_history()
        return [event.event_id for event in history.events if event.event_type == DONE]

    async def decide(self, by: str, who: str = "ana") -> str:
        """Confirm what is open. Returns the requirement's id."""
        (asked,) = await self.bench.paused(self.run_id)
        decision = Decision(asked.requirement.id, Action.CONFIRM, decided_by=who)
        if by == "update":
            await self.bench.runs.decide(self.run_id, decision)
        else:
            await self.bench.runs.signal(self.run_id, decision)
            await eventually("the signal to be taken", lambda: self.is_decided(asked.requirement.id))
        return asked.requirement.id

    async def is_decided(self, requirement_id: str) -> bool:
        manifest = await self.bench.runs.manifest(self.run_id)
        return any(one.resolution for one in manifest.asked if one.requirement.id == requirement_id)

    async def reset(self, to: int) -> None:
        self.ran.clear()
        client = self.bench.client
        await client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=self.run_id),
                reason="test",
                workflow_task_finish_event_id=to,
                request_id=str(uuid.uuid4()),
            )
        )

    async def waits_at(self) -> tuple[str, str]:
        (asked,) = await self.bench.paused(self.run_id)
        return asked.requirement.step_name or "", asked.requirement.id


@pytest.mark.parametrize("by", ["update", "signal"])
async def test_put_back_behind_a_decision_the_run_keeps_it(bench: Bench, by: str) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        await bench.start(scene.workflow, "x", run_id=scene.run_id)
        await bench.paused(scene.run_id)
        opened = (await scene.tasks())[-1]
        await scene.decide(by)
        before = await scene.waits_at()
        await scene.reset(next(task for task in await scene.tasks() if task > opened))
        assert await scene.waits_at() == before
        assert scene.ran == ["g", "b"]
        manifest = await bench.runs.manifest(scene.run_id)
        assert [one.resolution and one.resolution.decision.decided_by for one in manifest.asked] == ["ana", None]
        await scene.decide(by)
        assert (await bench.ended(scene.run_id)).status == "COMPLETED"


@pytest.mark.parametrize("by", ["update", "signal"])
async def test_put_back_before_a_gate_the_run_asks_again_and_says_what_it_did_not_take(bench: Bench, by: str) -> None:
    """The same question has the same id, so that whoever looks at it decides it."""
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        await bench.start(scene.workflow, "x", run_id=scene.run_id)
        first = await scene.waits_at()
        await scene.decide(by)
        await bench.paused(scene.run_id)
        await scene.reset((await scene.tasks())[0])
        assert await scene.waits_at() == first
        assert scene.ran == ["a"]
        manifest = await bench.runs.manifest(scene.run_id)
        assert ["has no requirement" in text for text in manifest.refused] == ([True] if by == "signal" else [])
        await scene.decide(by, "bob")
        await scene.decide(by, "bob")
        ended = await bench.ended(scene.run_id)
    assert [one.resolution.decision.decided_by for one in ended.asked if one.resolution] == ["bob", "bob"]
    assert scene.ran == ["a", "g", "b", "h", "c"]


async def test_events_are_counted_from_where_the_run_was_put_back_to(bench: Bench) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        await bench.start(scene.workflow, "x", run_id=scene.run_id)
        await bench.paused(scene.run_id)
        at_g = await bench.runs.told(scene.run_id)
        await scene.decide("update")
        await bench.paused(scene.run_id)
        task = (await scene.tasks())[0]
        await scene.decide("update")
        await bench.ended(scene.run_id)
        undisturbed = [(number, event.event) for number, event in await bench.runs.told(scene.run_id)]
        await scene.reset(task)
        await bench.paused(scene.run_id)
        again = await bench.runs.told(scene.run_id)
        assert [(number, event.event) for number, event in again] == [(n, event.event) for n, event in at_g]
        await scene.decide("update")
        await scene.decide("update")
        await bench.ended(scene.run_id)
        assert [(number, event.event) for number, event in await bench.runs.told(scene.run_id)] == undisturbed


async def test_the_database_tells_of_what_the_run_did_before_until_it_is_rebuilt(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = SqliteDb(db_file=str(tmp_path / "runs.db"))
    scene = Scene(bench, db)
    async with bench.worker(scene.workflow):
        await bench.start(scene.workflow, "x", run_id=scene.run_id, session_id="s")
        await scene.decide("update")
        await bench.paused(scene.run_id)
        task = (await scene.tasks())[-1]
        await scene.decide("update")
        await bench.ended(scene.run_id)
        assert rows(db) == ("COMPLETED", {"g": "approved", "h": "approved"})
        await scene.reset(task)
        await bench.paused(scene.run_id)
        monkeypatch.setattr("agno_temporal.cli.rebuilding.load_workflows", lambda app: [scene.workflow])
        await rebuilt(bench.runs, ["app.py"], scene.run_id, None, as_json=True)
        assert rows(db) == ("PAUSED", {"g": "approved", "h": "pending"})
        await scene.decide("update")
        await bench.ended(scene.run_id)
    assert rows(db) == ("COMPLETED", {"g": "approved", "h": "approved"})


def rows(db: SqliteDb) -> tuple[str, dict[str, str]]:
    session: Any = db.get_session(session_id="s", session_type=SessionType.WORKFLOW)
    approvals, _ = db.get_approvals()
    return str(getattr(session.runs[0].status, "value", session.runs[0].status)), {
        one["source_name"]: one["status"] for one in approvals
    }
