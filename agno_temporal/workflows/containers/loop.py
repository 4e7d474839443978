"""Loop: a sequence that is repeated, with a human's word after each iteration where that is asked for.

Each iteration starts from the loop's own input, or where the last one ended (agno/workflow/loop.py:827). An iteration
is reviewed only if another one could follow: not after the last, nor when the end condition or a stop ends the loop.
agno counts steps for iterations, and forgets where it was (docs/differences.md, D15-D16); here the loop itself waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agno_temporal.contract.journal import Iterated
from agno_temporal.contract.outputs import Group, Output
from agno_temporal.contract.tasks import EndCheck, Extras, Flow
from agno_temporal.hitl import AskAgain, Cancel, Proceed, Redo, Skip, TakeElse
from agno_temporal.plan import Call, LoopNode, StepNode
from agno_temporal.workflows import calls
from agno_temporal.workflows.admission import admitted
from agno_temporal.workflows.container_events import (
    iteration_completed,
    iteration_started,
    loop_completed,
    loop_started,
)
from agno_temporal.workflows.failures import NodeSkipped, RunCancelled
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.journal import current
from agno_temporal.workflows.questions import NO_REJECTIONS, Questions, Rejections
from agno_temporal.workflows.review import with_edit
from agno_temporal.workflows.sequence import Chain, run_chain

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


@dataclass(slots=True)
class _Progress:
    """What a loop has done so far, and what its reviewer said of the last iteration."""

    outputs: list[Output] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    iteration: int = 0
    rejections: Rejections = NO_REJECTIONS
    extras: Extras | None = None


async def run_loop(walk: Interpreter, node: LoopNode, frame: Frame) -> Output:
    await admitted(walk, node, frame)
    log = walk.state.events
    loop_started(log, node)
    strand = current()
    mark = strand.mark
    start, done, stopped = frame.inside(), _Progress(), False
    if (before := strand.told_of(node.path, Iterated)) is not None:
        done = _progress(before)
        start = start if before.flow is None else start.at(before.flow)
    while done.iteration < node.max_iterations:
        done.iteration += 1
        iteration_started(log, node, done.iteration)
        chain = await run_chain(walk, node.steps, start.told(done.extras), _end_check(node, done.iteration))
        done.outputs += chain.outputs
        done.lengths.append(len(chain.outputs))
        stopped = chain.stopped
        ends = await _ends(walk, node, frame, chain, done.iteration) or stopped
        iteration_completed(log, node, done.iteration, chain.outputs, goes_on=not ends)
        if ends:
            break
        if _is_reviewed(node, chain, done) and (accepted := await _accepted(walk, node, frame, chain, done)):
            return accepted
        if node.forward_iteration_output:
            start = replace(chain.frame, extras=frame.extras)
        if done.iteration < node.max_iterations:
            strand.close(mark, _iterated(node, done, start.flow if node.forward_iteration_output else None))
    loop_completed(log, node, done.outputs, done.lengths)
    return Group(
        node.name,
        node.step_id,
        "Loop",
        tuple(done.outputs),
        f"Loop {node.name} completed {done.iteration} iterations with {len(done.outputs)} total steps",
        success=all(output.success for output in done.outputs),
        stop=stopped,
    )


def _iterated(node: LoopNode, done: _Progress, flow: Flow | None) -> Iterated:
    """A loop's progress as an entry of the journal."""
    rejections = done.rejections
    return Iterated(
        node.path,
        done.iteration,
        tuple(done.outputs),
        tuple(done.lengths),
        rejections.count,
        rejections.by_timer,
        rejections.feedback,
        done.extras,
        flow,
    )


def _progress(entry: Iterated) -> _Progress:
    rejections = Rejections(entry.rejections, entry.by_timer, entry.feedback)
    return _Progress([*entry.outputs], [*entry.lengths], entry.iteration, rejections, entry.extras)


def _end_check(node: LoopNode, iteration: int) -> EndCheck | None:
    """An end condition that the iteration's last step can ask for nothing: no gate may follow that step."""
    last = node.steps[-1] if node.steps else None
    if node.end_condition is not Call.FUNCTION or not isinstance(last, StepNode):
        return None
    if last.review.output_review is not Call.NONE:
        return None
    return EndCheck(node.path, iteration, node.max_iterations)


async def _ends(walk: Interpreter, node: LoopNode, frame: Frame, chain: Chain, iteration: int) -> bool:
    """An end condition that raises does not end the loop, as in agno (agno/workflow/loop.py:340)."""
    if node.end_condition is Call.NONE:
        return False
    if chain.ends_loop is not None:
        return chain.ends_loop
    answer = await calls.evaluate(
        walk.state,
        node,
        frame,
        "end_condition",
        node.end_condition,
        tuple(chain.outputs),
        iteration,
        node.max_iterations,
    )
    return answer.value and answer.error is None


def _is_reviewed(node: LoopNode, chain: Chain, done: _Progress) -> bool:
    return node.review.iteration_review and done.iteration < node.max_iterations and bool(chain.outputs)


async def _accepted(walk: Interpreter, node: LoopNode, frame: Frame, chain: Chain, done: _Progress) -> Output | None:
    """The loop's output, where the reviewer ends it here; None where another iteration follows."""
    so_far = Group(
        node.name,
        node.step_id,
        "Loop",
        tuple(done.outputs),
        f"Loop {node.name} completed iteration {done.iteration}/{node.max_iterations}",
    )
    question = Questions(walk.state, node, frame).iteration(done.iteration, node.max_iterations, done.rejections)
    outcome, by_timer = await walk.gates.ask(question, frame.flow, so_far)
    match outcome:
        case Proceed(edited=edited, edited_output=content):
            return with_edit(so_far, content) if edited else so_far
        case Skip() | TakeElse():
            raise NodeSkipped(node.path)
        case Cancel(reason):
            raise RunCancelled(reason, node.path, so_far)
        case Redo(feedback) | AskAgain(feedback):
            done.rejections = done.rejections.plus(feedback, by_timer)
            done.extras = Extras(previous_output=chain.outputs[-1], rejection_feedback=feedback)
            walk.state.mark(node.path, "running")
            return None
