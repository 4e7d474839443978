"""A decision as the body of its route (`api.decision_bodies`): what is answered, and nothing that was left out."""

from __future__ import annotations

from agno_temporal.cli.backend import Document
from agno_temporal.hitl import Action, Decision, ToolAnswer


def body_of(decision: Decision) -> Document:
    """
    >>> body_of(Decision("r-1", Action.SELECT, selected=("mail",)))
    {'routes': ['mail']}
    """
    if decision.action is Action.EDIT:
        return {"output": decision.edited_output}
    said = {
        "values": decision.values,
        "feedback": decision.feedback,
        "routes": None if decision.selected is None else list(decision.selected),
        "tools": None if decision.answers is None else {call: _tool(one) for call, one in decision.answers.items()},
    }
    return {name: value for name, value in said.items() if value is not None}


def _tool(answer: ToolAnswer) -> Document:
    chosen = answer.selections
    said = {
        "confirmed": answer.confirmed,
        "note": answer.note,
        "values": answer.values,
        "selections": None if chosen is None else {question: list(labels) for question, labels in chosen.items()},
        "result": answer.result,
    }
    return {name: value for name, value in said.items() if value is not None}
