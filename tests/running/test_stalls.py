"""A process that stands still in the middle of a workflow task: a paused machine, a CPU limit, a long collection."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import pytest
from agno.workflow import Step, Workflow
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from agno_temporal import AgnoPlugin
from agno_temporal.contract.manifest import Manifest
from agno_temporal.hitl import Action, Decision
from agno_temporal.workflows import chapters
from agno_temporal.workflows.run_state import RunState
from tests.chapters.scenes import all_replay, numbers
from tests.replay.corpus import NEWEST, history_of
from tests.support import Bench

LONGER_THAN_THE_SDK_WAITS = 2.5


class Stalling(UnsandboxedWorkflowRunner):
    """Stands still once, between the two lines of the SDK's loop that take a callback out and run it."""

    def __init__(self, at: int) -> None:
        self.left = at

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        stalling = self

        class Ready(deque[Any]):
            def popleft(self) -> Any:
                callback = super().popleft()
                stalling.left -= 1
                if stalling.left == 0:
                    time.sleep(LONGER_THAN_THE_SDK_WAITS)
                return callback

        instance: Any = super().create_instance(det)
        instance._ready = Ready(instance._ready)
        return instance


def tell(step_input: Any) -> str:
    return "told"


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 3, 5, 8])
async def test_a_run_goes_on_wherever_its_worker_stood_still(bench: Bench, at: int) -> None:
    stalling = Stalling(at)
    workflow = Workflow(name="stalled", steps=[Step(name="one", executor=tell), Step(name="two", executor=tell)])
    async with bench.worker(workflow, unsandboxed_workflow_runner=stalling):
        manifest = await bench.ended(await bench.start(workflow, "go"))
    assert stalling.left < 0, "it did not come so far"
    assert manifest.status == "COMPLETED"


@pytest.mark.slow
async def test_a_replay_that_stood_still_ends_and_says_why() -> None:
    replayer = Replayer(workflows=[], plugins=[AgnoPlugin()], unsandboxed_workflow_runner=Stalling(5))
    with pytest.raises(RuntimeError, match="TMPRL1101"):
        await replayer.replay_workflow(history_of(NEWEST["loop_confirmation_expired"]))


@pytest.mark.slow
async def test_a_run_that_stood_still_when_it_left_its_history_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out of the cache while its thread is still at work, it would never leave it."""
    saved, slow = chapters.saved, [LONGER_THAN_THE_SDK_WAITS]

    def saved_slowly(*about: Any, **how: Any) -> Any:
        data = saved(*about, **how)
        time.sleep(slow.pop() if slow else 0)
        return data

    monkeypatch.setattr(chapters, "saved", saved_slowly)
    workflow = numbers(5, requires_confirmation=True)
    async with bench.worker(workflow, continue_after=8):
        run_id = await bench.start(workflow, "go")
        for _ in range(5):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        manifest = await bench.ended(run_id)
    assert slow == []
    assert (manifest.status, manifest.session_state) == ("COMPLETED", {"n": 5})
    assert await all_replay(bench.client, run_id) > 1


@pytest.mark.slow
async def test_a_question_to_a_run_that_stood_still_is_answered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, slow = RunState.manifest, [LONGER_THAN_THE_SDK_WAITS]

    def manifest_slowly(state: RunState) -> Manifest:
        time.sleep(slow.pop() if slow else 0)
        return manifest(state)

    workflow = numbers(1, requires_confirmation=True)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go")
        [asked] = await bench.paused(run_id)
        monkeypatch.setattr(RunState, "manifest", manifest_slowly)
        assert (await bench.runs.manifest(run_id)).asked == (asked,)
    assert slow == []
