"""A refused decision as a problem: which status, and what a program needs to go on.

Whoever comes too late, or with the wrong thing, is told what would have been right: who won, what is open instead,
which actions, routes and fields there are. The words are the run's own; the members say the same to programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agno_temporal.api.problems import Problem
from agno_temporal.contract.moments import moment
from agno_temporal.hitl import Refusal, RefusalCode
from agno_temporal.views.documents import resolution_document

STATUS: Mapping[RefusalCode, int] = {
    RefusalCode.NOT_FOUND: 404,
    RefusalCode.STALE: 409,
    RefusalCode.ALREADY_DECIDED: 409,
    RefusalCode.EXPIRED: 409,
    RefusalCode.RUN_CLOSED: 409,
    RefusalCode.MALFORMED: 422,
    RefusalCode.ACTION_NOT_ALLOWED: 422,
    RefusalCode.INVALID_INPUT: 422,
    RefusalCode.INVALID_SELECTION: 422,
    RefusalCode.KEY_REUSED: 422,
}
"""409 is what nothing in the request would mend; 422 is what another body, or another key, would."""

_MEMBERS = {"edited_output": "output", "selected": "routes", "answers": "tools"}
"""Where a field of a decision is called otherwise in its body."""


def refused(refusal: Refusal) -> Problem:
    """The problem that a refusal is."""
    return Problem(STATUS[refusal.code], refusal.code.value, refusal.message, dict(_members(refusal)))


def _members(refusal: Refusal) -> dict[str, Any]:
    said: dict[str, Any] = {
        "winner": None if refusal.winner is None else resolution_document(refusal.winner),
        "open_requirement_id": refusal.open_requirement,
        "actions": refusal.allowed and list(refusal.allowed),
        "choices": None if refusal.choices is None else list(refusal.choices),
        "deadline": None if refusal.deadline is None else moment(refusal.deadline),
        "run_status": refusal.run_status,
        "errors": None if refusal.errors is None else _errors(refusal.errors, refusal.fields),
    }
    return {name: value for name, value in said.items() if value is not None}


def _errors(errors: tuple[str, ...], fields: tuple[str, ...] | None) -> list[dict[str, str]]:
    """One entry for each field; of a selection, the field is that of the routes."""
    names = fields or ("selected",) * len(errors)
    return [
        {"field": _MEMBERS.get(name, name), "message": error.removeprefix(f"{name}: ")}
        for name, error in zip(names, errors, strict=True)
    ]
