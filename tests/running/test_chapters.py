"""A run that is too long for one history goes on in another, and nobody notices."""

from __future__ import annotations

from agno.workflow import HumanReview, Loop, Step, Workflow

from agno_temporal.hitl import Action, Decision
from tests.support import Bench


def numbers(iterations: int, **gate) -> Workflow:
    """A loop that counts in the session state."""

    def count(step_input, run_context) -> str:
        state = run_context.session_state
        state["n"] = state.get("n", 0) + 1
        return f"number {state['n']}, after {step_input.previous_step_content}"

    step = Step(name="count", executor=count, human_review=HumanReview(**gate) if gate else None)
    loop = Loop(name="loop", steps=[step], max_iterations=iterations)
    last = Step(name="last", executor=lambda step_input: f"last: {step_input.previous_step_content}")
    return Workflow(name="numbers", steps=[loop, last])


async def temporal_runs(bench: Bench, run_id: str) -> int:
    """How many Temporal runs a run has had."""
    return len([one async for one in bench.client.list_workflows(f"WorkflowId = '{run_id}'")])


async def test_a_loop_goes_on_in_one_history_after_the_other(bench: Bench):
    workflow = numbers(20)
    async with bench.worker(workflow, continue_after=30):
        run_id = await bench.start(workflow, "go")
        manifest = await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    assert manifest.status == "COMPLETED"
    assert run.content.startswith("last: number 20")
    assert manifest.session_state == {"n": 20}
    assert await temporal_runs(bench, run_id) > 3
    assert len(run.step_results[0].steps) == 20
    assert [one.content[:9] for one in run.step_results[0].steps][:3] == ["number 1,", "number 2,", "number 3,"]


async def test_every_gate_of_a_long_loop_is_decided(bench: Bench):
    workflow = numbers(12, requires_confirmation=True)
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go")
        for _ in range(12):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        manifest = await bench.ended(run_id)
    assert manifest.status == "COMPLETED"
    assert len(manifest.asked) == 12
