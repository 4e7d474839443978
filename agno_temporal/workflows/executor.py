"""A step whose agent or team waits for a human in the middle of its work.

agno continues a whole container as if it were the agent in it: what ran beside it is lost, and what comes after it is
never run (docs/differences.md, D18-D21). Here the pause is inside the step, between two of its activities, so that
whatever is around it only sees a step that takes long. It may pause again, as often as its model calls such tools.

The paused run stays in the result of the activity that paused; what travels from here on are its name and the answers.
"""

from __future__ import annotations

from dataclasses import replace

from agno_temporal.contract import names
from agno_temporal.contract.outputs import Leaf
from agno_temporal.contract.tasks import EndCheck, ExecutorPause
from agno_temporal.hitl import Cancel, Kind, Proceed, Requirement, ToolAnswer
from agno_temporal.plan import StepNode
from agno_temporal.workflows import calls
from agno_temporal.workflows.failures import RunCancelled, StepSkipped
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.gate import Gates, new_requirement
from agno_temporal.workflows.run_state import RunState


async def run_to_its_end(
    state: RunState, gates: Gates, node: StepNode, frame: Frame, end_check: EndCheck | None
) -> tuple[Leaf, bool | None]:
    """Run a leaf step, and ask as often as its agent or team pauses.

    Returns:
        Its output, and what the end check said, where one was asked.

    Raises:
        StepSkipped, RunCancelled: Nobody answered in time, and that is what its policy says.
        StepFailed, RunFailed: As `calls.run_leaf`.
    """
    leaf, result = await calls.run_leaf(state, node, frame, end_check)
    first, turn = leaf.activity_id, 0
    while result.pause is not None:
        requirement = _requirement(state, node, frame, result.pause)
        answers = await _answers(gates, requirement, leaf)
        turn += 1
        activity_id = names.continue_activity_id(first, turn)
        leaf, result = await calls.continue_executor(state, node, frame, end_check, leaf, activity_id, answers)
        # The run that went on holds all that the paused one did; only one of them is shown.
        state.asked[requirement.id] = replace(state.asked[requirement.id], output=None)
    return leaf, result.ends_loop


def _requirement(state: RunState, node: StepNode, frame: Frame, pause: ExecutorPause) -> Requirement:
    requirement = new_requirement(state, node, frame, Kind.EXECUTOR, None)
    return replace(requirement, executor=pause.executor, tools=pause.tools)


async def _answers(gates: Gates, requirement: Requirement, paused: Leaf) -> dict[str, ToolAnswer]:
    outcome, _ = await gates.ask(requirement, None, paused)
    match outcome:
        case Proceed(answers=answers) if answers is not None:
            return answers
        case Cancel(reason):
            raise RunCancelled(reason, requirement.path)
        case _:
            raise StepSkipped
