"""The problems that a route answers, as its part of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from agno_temporal.api.problems import MEDIA_TYPE, TITLES
from agno_temporal.api.refusals import STATUS as REFUSAL_STATUS

STATUS_OF = {
    **{code.value: status for code, status in REFUSAL_STATUS.items()},
    "credentials-unavailable": 503,
    "cross-site-request": 403,
    "database-unavailable": 503,
    "forbidden": 403,
    "headers-too-large": 431,
    "insufficient-scope": 403,
    "internal-error": 500,
    "invalid-cursor": 422,
    "invalid-request": 422,
    "no-approvals": 501,
    "no-user": 403,
    "no-worker": 503,
    "not-acceptable": 406,
    "not-local": 403,
    "not-ready": 503,
    "nothing-blocked": 409,
    "outcome-unknown": 503,
    "rate-limited": 429,
    "request-timeout": 408,
    "request-too-large": 413,
    "run-id-reused": 409,
    "run-not-found": 404,
    "run-put-back": 409,
    "session-elsewhere": 409,
    "session-in-use": 409,
    "session-not-found": 404,
    "session-shared": 409,
    "step-not-blocked": 422,
    "temporal-unavailable": 503,
    "too-many-streams": 429,
    "unauthorized": 401,
    "unreadable": 503,
    "unsupported-media-type": 415,
    "workflow-not-found": 404,
}
"""The status of each type that is documented."""

OF_ALL = (
    "credentials-unavailable",
    "cross-site-request",
    "headers-too-large",
    "insufficient-scope",
    "internal-error",
    "invalid-request",
    "no-user",
    "not-local",
    "rate-limited",
    "temporal-unavailable",
    "unauthorized",
)
"""Any route may answer these."""

OF_BODIES = ("request-timeout", "request-too-large", "unsupported-media-type")
"""Any route that takes a body may."""

SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "What kind of error: a stable name for programs."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong here, and what to do."},
        "instance": {"type": "string"},
    },
    "additionalProperties": True,
}


def problems(*types: str, body: bool = False) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that answers these, beside those that every route may."""
    by_status: dict[int, list[str]] = {}
    for one in sorted({*types, *OF_ALL, *(OF_BODIES if body else ())}):
        by_status.setdefault(STATUS_OF[one], []).append(one)
    return {status: _response(status, names) for status, names in sorted(by_status.items())}


def _response(status: int, types: list[str]) -> dict[str, Any]:
    examples = {
        one: {
            "value": {
                "type": one,
                "title": TITLES[one],
                "status": status,
                "detail": "What is wrong here, and what to do.",
                "instance": "/v1/runs/release-2041",
            }
        }
        for one in types
    }
    return {
        "description": "; ".join(f"`{one}`: {TITLES[one]}" for one in types),
        "content": {MEDIA_TYPE: {"schema": SCHEMA, "examples": examples}},
    }


def shaped(model: Any, example: Any, description: str = "The answer.", **more: Any) -> dict[str, Any]:
    """An answer in the `responses` of a route: its shape, and how it looks."""
    return {"model": model, "description": description, "content": {"application/json": {"example": example}}, **more}
