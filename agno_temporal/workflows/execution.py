"""One execution of a step, whose agent or team may wait for a human in the middle of its work.

agno continues a whole container as if it were the agent in it: what ran beside it is lost, and what comes after it is
never run (docs/differences.md, D18-D21). Here the pause is inside the step, between two of its activities, so that
whatever is around it only sees a step that takes long. It may pause again, as often as its model calls such tools.

The paused run stays in the result of the activity that paused; what travels from here on are its name and the answers.
If the executor then fails, and somebody decides to try it again, it goes on from that run with those answers: neither
what came before the pause nor the question is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agno_temporal.contract import names
from agno_temporal.contract.journal import Ran
from agno_temporal.contract.outputs import Leaf
from agno_temporal.contract.tasks import EndCheck, ExecutorPause, Extras
from agno_temporal.hitl import Cancel, Proceed, Requirement, ToolAnswer
from agno_temporal.plan import StepNode
from agno_temporal.workflows import calls
from agno_temporal.workflows.failures import NodeSkipped, RunCancelled
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.question_events import tell_executor_continued
from agno_temporal.workflows.questions import Questions

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


@dataclass(frozen=True, slots=True)
class _Answered:
    """A paused run that is to go on: where it is, the answers to what it asked, and what the step was told before."""

    told: Extras | None
    requirement: Requirement
    paused: Leaf
    answers: dict[str, ToolAnswer]


class Execution:
    """Runs a leaf step, once or again."""

    def __init__(self, walk: Interpreter, node: StepNode, end_check: EndCheck | None) -> None:
        self._walk = walk
        self._node = node
        self._end_check = end_check
        self._first = ""
        self._turn = 0
        self._unfinished: _Answered | None = None

    async def run(self, frame: Frame) -> tuple[Leaf, bool | None]:
        """Run the step, and ask as often as its agent or team pauses. After a failure behind a pause, go on from there.

        Returns:
            Its output, and what the end check said, where one was asked.

        Raises:
            NodeSkipped, RunCancelled: Nobody answered in time, and that is what its policy says.
            StepFailed, RunFailed: As `calls.run_leaf`.
        """
        unfinished = self._unfinished
        if unfinished is not None and unfinished.told == frame.extras:
            ran = await self._go_on(frame, unfinished)
        else:  # For the first time, or anew: a reviewer has sent it back.
            ran = await self._begin(frame)
        while ran.pause is not None:
            self._unfinished = await self._asked(frame, ran.leaf, ran.pause)
            ran = await self._go_on(frame, self._unfinished)
        if ran.leaf.success or self._node.review.on_error != "pause":
            self._unfinished = None
        return ran.leaf, ran.ends_loop

    async def _begin(self, frame: Frame) -> Ran:
        ran = await calls.run_leaf(self._walk.state, self._node, frame, self._end_check)
        self._first, self._turn = ran.leaf.activity_id, 0
        return ran

    async def _asked(self, frame: Frame, paused: Leaf, pause: ExecutorPause) -> _Answered:
        requirement = Questions(self._walk.state, self._node, frame).tools(pause)
        outcome, _ = await self._walk.gates.ask(requirement, None, paused)
        match outcome:
            case Proceed(answers=answers) if answers is not None:
                return _Answered(frame.extras, requirement, paused, answers)
            case Cancel(reason):
                raise RunCancelled(reason, self._node.path)
            case _:
                raise NodeSkipped(self._node.path)

    async def _go_on(self, frame: Frame, answered: _Answered) -> Ran:
        self._turn += 1
        activity_id = names.continue_activity_id(self._first, self._turn)
        state = self._walk.state
        tell_executor_continued(state.events, answered.requirement, activity_id)
        ran = await calls.continue_executor(
            state, self._node, frame, self._end_check, answered.paused, activity_id, answered.answers
        )
        # The run that went on holds all that the paused one did; only one of them is shown.
        if (asked := state.asked.get(answered.requirement.id)) is not None:
            state.asked[answered.requirement.id] = replace(asked, output=None)
        return ran
