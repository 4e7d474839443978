"""Steps that were declared quick: run within the run's workflow task, by local activities.

Such a step costs one event instead of six, and no way to the server and back. The price: until the workflow task is
recorded, nothing is. A worker that dies before that takes what it did along, and the next one does it again. So what is
told outside waits for the record first (`recorded`), and what precedes a question is recorded before it is seen.

All results of one workflow task are sent in one message, of which Temporal takes 4 MB and otherwise ends the run; and a
long row of steps holds up updates and queries. So after some of them one is run by a regular activity, which ends the
task. How many, shows in the history, so that it may not be changed for runs that are open.
"""

from __future__ import annotations

from typing import Final

from agno_temporal.contract import names
from agno_temporal.contract.tasks import Tried
from agno_temporal.plan import StepNode
from agno_temporal.plan.data import from_json
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.sending import local, task_ended
from agno_temporal.workflows.waiting import NEXT_TASK

IN_A_ROW: Final = 16
"""With at most 16 KB each (`activities.quick`) they fit beside the largest tasks of one message (`packing`)."""


def may_be_tried(state: RunState, node: StepNode) -> bool:
    """Whether the step is to be run locally, here and now."""
    return node.options.quick is True and state.unrecorded < IN_A_ROW


async def tried(state: RunState, node: StepNode, argument: object, activity_id: str) -> Tried:
    """One attempt."""
    state.unrecorded += 1
    state.live += 1
    try:
        return from_json(Tried, await local(state, names.RUN_STEP, argument, activity_id, summary=node.name))
    finally:
        state.live -= 1


async def pause(state: RunState, seconds: float) -> None:
    """The time between an attempt that failed and the next."""
    await task_ended(state, seconds, "to be tried again")


async def recorded(state: RunState) -> None:
    """Once what quick steps did is in the history."""
    if state.unrecorded:
        await task_ended(state, NEXT_TASK, "to be recorded")
