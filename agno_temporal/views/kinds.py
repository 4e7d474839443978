"""The words for each kind of question: what it waits for, and what each answer to it does.

One answer does different things in different places: whoever confirms an iteration ends the loop, and whoever rejects a
condition may run its other branch. A person decides well only if that is said before the decision, so all of it is
said here, kind by kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agno_temporal.contract.manifest import Asked
from agno_temporal.contract.outputs import Group
from agno_temporal.hitl import Action, Actor, Kind, Requirement
from agno_temporal.hitl.tools import all_confirmations, approved_by_nobody
from agno_temporal.views.text import one_line

ASKS = {
    Kind.CONFIRMATION: "confirmation",
    Kind.USER_INPUT: "input",
    Kind.OUTPUT_REVIEW: "a review of its output",
    Kind.ITERATION_REVIEW: "a review of its iteration",
    Kind.ROUTE_SELECTION: "a choice of route",
    Kind.ERROR: "a decision on its failure",
    Kind.EXECUTOR: "answers to its tools",
}
"""What a step "waits for"."""

DONE = {
    Action.CONFIRM: "confirmed",
    Action.REJECT: "rejected",
    Action.INPUT: "filled in",
    Action.EDIT: "edited",
    Action.SELECT: "routed",
    Action.RETRY: "retried",
    Action.ANSWER: "answered",
    Action.SKIP: "skipped",
    Action.CANCEL: "cancelled",
}
"""What somebody did: "confirmed by ana"."""

_AGAIN = {
    Kind.OUTPUT_REVIEW: "makes the step run again",
    Kind.ITERATION_REVIEW: "starts the next iteration",
    Kind.ERROR: "makes it run again",
}

_APPROVED = {
    Kind.CONFIRMATION: "it is approved",
    Kind.USER_INPUT: "it is filled in with its defaults",
    Kind.OUTPUT_REVIEW: "it is approved",
    Kind.ITERATION_REVIEW: "the loop ends with this output",
    Kind.ROUTE_SELECTION: "the router's selector chooses",
    Kind.ERROR: "it is tried again",
    Kind.EXECUTOR: "its tools are allowed",
}


def done_by(action: Action, actor: str | None, selected: Iterable[str] = (), feedback: str | None = None) -> str:
    """Who did what, on one line: "confirmed by ana"."""
    match actor:
        case Actor.TIMER:
            return f"{DONE[action]} by its deadline"
        case Actor.CANCEL:
            return "open when the run was cancelled"
    text = f"{DONE[action]} by {one_line(actor or 'an unnamed caller')}"
    if action is Action.SELECT:
        text += f" to {', '.join(selected)}"
    return f"{text}: {one_line(feedback)}" if feedback else text


def after_deadline(one: Requirement) -> str:
    """What happens where nobody answers in time."""
    match one.policy.on_timeout:
        case "approve" if one.kind is Kind.EXECUTOR and approved_by_nobody(one.tools) is None:
            return "the run is cancelled"
        case "approve":
            return _APPROVED.get(one.kind, "it is approved")
        case "reject" if one.kind is Kind.ERROR:
            return f"a rejection by the timer, which {rejection(one)}"
        case "reject" if one.kind is Kind.EXECUTOR and all_confirmations(one.tools):
            return "its tools are rejected, and the model goes on"
        case "reject" if one.kind is Kind.EXECUTOR and one.policy.on_reject not in ("skip", "else"):
            return "the run is cancelled"
        case "reject" if one.kind is Kind.EXECUTOR:
            return f"the {_noun(one)} is skipped"
        case "reject":
            return "it is rejected"
        case "skip":
            return f"the {_noun(one)} is skipped"
        case _:
            return "the run is cancelled"


def effects(one: Requirement) -> Iterator[str]:
    """What the answers do, where their names do not say it: sentences."""
    match one.kind:
        case Kind.ERROR:
            yield f"A retry repeats what failed and nothing else; a skip leaves out '{one.step_name}'."
            return
        case Kind.EXECUTOR:
            yield "Whatever is answered, the model is told, and goes on: a rejection is of a tool and not of the step."
            return
        case Kind.CONFIRMATION if one.step_type == "Condition":
            yield "A confirmation takes the if branch, whatever the evaluator would say."
        case Kind.ITERATION_REVIEW:
            yield "A confirmation, or an edit, ends the loop with this output."
    yield f"A rejection {rejection(one)}."


def rejection(one: Requirement) -> str:
    """What a rejection does: "cancels the run"."""
    if one.kind is Kind.EXECUTOR and all_confirmations(one.tools):
        return "is told to the model, which goes on without the tool"
    match one.policy.on_reject:
        case "cancel":
            return "cancels the run"
        case "retry" if one.kind is Kind.EXECUTOR:
            return "cancels the run"
        case "else" if one.step_type == "Condition":
            return "takes the else branch"
        case "retry":
            limit = one.policy.max_retries
            return f"{_again(one)}, {one.retry_count} of {limit} times so far" if limit else _again(one)
        case _:
            return f"skips the {_noun(one)}"


def reached(asked: Asked) -> str | None:
    """How far a loop has come whose iteration is reviewed: "Loop drafts completed iteration 1/3"."""
    if asked.requirement.kind is not Kind.ITERATION_REVIEW or not isinstance(asked.output, Group):
        return None
    return asked.output.content


def failure(one: Requirement) -> str | None:
    """What went wrong where somebody is asked about it: "ValueError: no such release"."""
    if one.kind is not Kind.ERROR:
        return None
    return f"{one.error_type}: {one.error}" if one.error_type else one.error


def attempts(retry_count: int) -> str:
    """How often a failure was retried."""
    match retry_count:
        case 0:
            return "not retried yet"
        case 1:
            return "retried once"
        case count:
            return f"retried {count} times"


def _again(one: Requirement) -> str:
    if one.kind is Kind.OUTPUT_REVIEW and one.step_type == "Router":
        return "asks for other routes"
    return _AGAIN.get(one.kind, "asks again")


def _noun(one: Requirement) -> str:
    """What skipping leaves out."""
    return one.step_type.lower()
