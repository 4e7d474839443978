"""A task in which a run ends may be lost once the end was told, and a cancel may come before the next one."""

from __future__ import annotations

from agno.workflow import Step, Workflow

from tests.running.held_tasks import HeldTask
from tests.running.tools import event_counts
from tests.support import Bench, eventually
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import telling


async def test_a_run_that_was_told_as_completed_and_is_cancelled_is_told_as_cancelled_too(
    bench: Bench, receiver: Receiver
) -> None:
    workflow = Workflow(name="ends", steps=[Step(name="only", executor=lambda _: "done")])
    run_id, end = f"run-{bench.task_queue}", HeldTask("complete_workflow_execution")

    async def is_lost() -> bool:
        return (await event_counts(bench.client, run_id))["WORKFLOW_TASK_TIMED_OUT"] > 0

    async def both_are_told() -> bool:
        return len(receiver.taken) == 2

    async with bench.worker(workflow, webhooks=telling(receiver), unsandboxed_workflow_runner=end):
        await bench.start_in_short_tasks("ends", run_id)
        await end.held()
        await bench.runs.cancel(run_id)
        await eventually("the task to be lost", is_lost)
        end.let_go()
        assert (await bench.ended(run_id)).status == "CANCELLED"
        await eventually("both to be told", both_are_told)
    assert sorted(message.data["status"] for message in receiver.taken) == ["CANCELLED", "COMPLETED"]
