"""Asking before a node runs, as often as the answer is "ask again".

agno asks of the top level only, and runs what was rejected where `on_reject` is "retry" (docs/differences.md, D60).
Here every node that has a gate is asked about, wherever it stands, and nothing of it runs before the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agno_temporal.hitl import AskAgain, Cancel, Proceed, Redo, Requirement, Skip, TakeElse
from agno_temporal.plan import GatedNode, InputField
from agno_temporal.plan.data import Json
from agno_temporal.workflows.failures import NodeSkipped, RunCancelled
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.questions import NO_REJECTIONS, Questions, Rejections

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


@dataclass(frozen=True, slots=True)
class Admission:
    """How a node may run.

    Attributes:
        values: What was filled in.
        confirmed: Somebody was asked, and confirmed.
        takes_else: A condition is to run its other branch.
    """

    values: Json = None
    confirmed: bool = False
    takes_else: bool = False


UNASKED = Admission()


async def admitted(walk: Interpreter, node: GatedNode, frame: Frame) -> Admission:
    """Ask before a node runs.

    Raises:
        NodeSkipped: A rejection skips it: then it leaves no trace in later steps' input, as in agno.
        RunCancelled: A decision cancels the run.
    """
    questions = Questions(walk.state, node, frame)
    rejections = NO_REJECTIONS
    while (requirement := questions.before(rejections)) is not None:
        admission, rejections = await answered(walk, frame, requirement, rejections)
        if admission is not None:
            walk.state.mark(node.path, "running")
            return Admission(in_form_order(requirement.schema, admission.values), True, admission.takes_else)
    return UNASKED


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that lets a node run."""

    values: dict[str, Json] | None = None
    selected: tuple[str, ...] | None = None
    takes_else: bool = False


async def answered(
    walk: Interpreter, frame: Frame, requirement: Requirement, rejections: Rejections
) -> tuple[Answer | None, Rejections]:
    """Ask once, of a node that has not run. Returns the answer, or None where it is to be asked again.

    Raises:
        NodeSkipped, RunCancelled: As `admitted`.
    """
    outcome, by_timer = await walk.gates.ask(requirement, frame.flow, None)
    match outcome:
        case Proceed(values=values, selected=selected):
            return Answer(values, selected), rejections
        case TakeElse():
            return Answer(takes_else=True), rejections
        case Skip():
            raise NodeSkipped(requirement.path)
        case Cancel(reason):
            raise RunCancelled(reason, requirement.path)
        case AskAgain(feedback) | Redo(feedback):
            return None, rejections.plus(feedback, by_timer)


def in_form_order(schema: tuple[InputField, ...] | None, values: Json) -> Json:
    """The values in the order of the form, since an agent is told them one by one. Payloads keep no order of keys, so
    that it is written as pairs (`agno_bridge.value_writer`)."""
    if not values or not schema:
        return values
    return {"$type": "dict", "items": [[field.name, values[field.name]] for field in schema if field.name in values]}
