"""What a yes or no on agno's approvals means for a requirement.

An approval knows two words, and some data beside. Where they say one thing only, that is done; where they could mean
two, nothing is: a rejected failure may be meant to be left out, or to end the run, and a deploy may follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agno_temporal.agno_bridge.values import encode, encode_each
from agno_temporal.hitl import Action, Decision, Kind, Requirement, ToolAnswer, ToolKind
from agno_temporal.hitl.tools import all_confirmations

NOTES: Final = ("note", "feedback")
"""`resolution_data` of either answer: why."""

CONTENT: Final = ("values", "edited_output", "selected_choices", "result")
"""`resolution_data` of an approval: a form, an edit, routes, or what a tool gave that ran elsewhere."""


class NotThisWay(ValueError):
    """An approval cannot say this. The message names what can."""


def decision_of_approval(one: Requirement, approved: bool, data: Mapping[str, Any], by: str | None) -> Decision:
    """The decision that an approval's answer stands for.

    Args:
        data: The answer's `resolution_data`.
        by: Who answered.

    Raises:
        NotThisWay: It stands for none.
    """
    if unknown := sorted(set(data) - {*NOTES, *CONTENT}):
        raise NotThisWay(f"resolution_data has {', '.join(map(repr, unknown))}; {', '.join((*NOTES, *CONTENT))} exist.")
    note = next((data[name] for name in NOTES if data.get(name) is not None), None)
    if note is not None and not isinstance(note, str):
        raise NotThisWay("The note in resolution_data is not text.")
    given = {name: data[name] for name in CONTENT if data.get(name) is not None}
    if approved:
        return _approved(one, given, note, by)
    if given:
        raise NotThisWay(f"A rejection takes no {', '.join(given)}.")
    if one.kind is Kind.ERROR:
        raise NotThisWay(
            f"Step {one.step_name!r} failed. An approval tries it again; a rejection could mean to leave it out or to "
            f"end the run: {_route(one, 'skip')}, or cancel the run."
        )
    if one.kind is Kind.EXECUTOR and not all_confirmations(one.tools):
        raise NotThisWay(f"Not all tools of step {one.step_name!r} can be rejected: {_route(one, 'answer')}.")
    return Decision(one.id, Action.REJECT, feedback=note, decided_by=by)


def _approved(one: Requirement, given: dict[str, Any], note: str | None, by: str | None) -> Decision:
    answer: dict[str, Any] = {"decided_by": by, "feedback": note}
    match one.kind:
        case Kind.CONFIRMATION:
            return Decision(one.id, Action.CONFIRM, values=_values(_only(one, given, "values")), **answer)
        case Kind.USER_INPUT:
            return Decision(one.id, Action.INPUT, values=_values(_only(one, given, "values")), **answer)
        case Kind.OUTPUT_REVIEW | Kind.ITERATION_REVIEW:
            edited = _only(one, given, "edited_output")
            action = Action.CONFIRM if edited is None else Action.EDIT
            return Decision(one.id, action, edited_output=encode(edited, "edited_output"), **answer)
        case Kind.ROUTE_SELECTION:
            values = _values(given.pop("values", None))
            chosen = _only(one, given, "selected_choices")
            selected = tuple(chosen) if isinstance(chosen, list) else ()
            return Decision(one.id, Action.SELECT, selected=selected, values=values, **answer)
        case Kind.ERROR:
            _only(one, given)
            return Decision(one.id, Action.RETRY, **answer)
        case Kind.EXECUTOR:
            return _tools(one, given, answer)


def _tools(one: Requirement, given: dict[str, Any], answer: dict[str, Any]) -> Decision:
    """Yes to every tool, or the one thing that the only tool asks for."""
    if all_confirmations(one.tools):
        _only(one, given)
        return Decision(one.id, Action.CONFIRM, **answer)
    match one.tools:
        case [tool] if tool.kind is ToolKind.USER_INPUT:
            said = ToolAnswer(values=_values(_only(one, given, "values")))
        case [tool] if tool.kind is ToolKind.EXTERNAL_EXECUTION:
            said = ToolAnswer(result=_only(one, given, "result"))
        case _:
            raise NotThisWay(f"The tools of step {one.step_name!r} ask for more than a yes: {_route(one, 'answer')}.")
    return Decision(one.id, Action.ANSWER, answers={tool.id: said}, **answer)


def _values(given: Any) -> Any:
    """A form as a history has it: what a caller sends is plain data, and names no class. No form is refused as none."""
    return encode_each(given, "values.") if isinstance(given, dict) else given


def _only(one: Requirement, given: dict[str, Any], name: str | None = None) -> Any:
    """The one part that this kind takes, if it is given."""
    if foreign := sorted(set(given) - {name}):
        raise NotThisWay(f"Step {one.step_name!r} waits for {one.kind.value}, which takes no {', '.join(foreign)}.")
    return None if name is None else given.get(name)


def _route(one: Requirement, verb: str) -> str:
    return f"POST /v1/runs/RUN/requirements/{one.id}/{verb}"
