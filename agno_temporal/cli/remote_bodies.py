"""A start and a decision as the bodies of their routes (`api.start_bodies`, `api.decision_bodies`), without what was
left out: an API that is older than the command knows no body but the one that it had.
"""

from __future__ import annotations

from agno_temporal.cli.backend import Document
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Action, Decision, ToolAnswer


def start_body(workflow_id: str, request: RunRequest, run_id: str) -> Document:
    """
    >>> start_body("release", RunRequest("v2", user_id="ana"), "r-1")
    {'workflow_id': 'release', 'run_id': 'r-1', 'input': 'v2', 'user_id': 'ana'}
    """
    said = {
        "session_id": request.session_id,
        "user_id": request.user_id,
        "session_state": request.session_state,
        "metadata": request.metadata,
        "additional_data": request.additional_data,
        "dependencies": request.dependencies,
        "stream": request.stream or None,
    }
    given = {name: value for name, value in said.items() if value is not None}
    return {"workflow_id": workflow_id, "run_id": run_id, "input": request.input, **given}


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
