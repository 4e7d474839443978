"""Every error that leaves the API is a problem of RFC 9457, with a `type` that programs can rely on.

A framework's own errors differ in shape from route to route, and an exception's text may tell a stranger what no
stranger should know. So routes raise `Problem`, and whatever else is raised becomes one: what is wrong with the request
says where, and what is wrong with us says nothing but that it was logged.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response

from agno_temporal.agno_bridge.approvals import NoApprovals
from agno_temporal.agno_bridge.cursors import BadCursor
from agno_temporal.agno_bridge.database_errors import is_of_a_database
from agno_temporal.agno_bridge.refusals import PlanError
from agno_temporal.agno_bridge.request import InvalidInput
from agno_temporal.agno_bridge.store import UnstorableId
from agno_temporal.agno_bridge.values import MalformedValue, NotSerialisable
from agno_temporal.api.answers import json_bytes
from agno_temporal.client import NoWorker, OutcomeUnknown, RequestTooLarge, RunIdReused, RunNotFound, RunPutBack
from agno_temporal.contract.sealed import Unreadable
from agno_temporal.follow.away import NO_ANSWER, is_no_answer

logger = logging.getLogger("agno_temporal.api")

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER = {"Retry-After": "5"}

MAX_ERRORS = 50
"""Of one body, as many are told; a hostile one could have thousands."""

MAX_FIELD = 100
"""Characters of a field's name, which may be the caller's own."""

TITLES: Mapping[str, str] = {
    "accepted-for-delivery": "Accepted for delivery",
    "action-not-allowed": "This requirement does not take this action",
    "already-decided": "Somebody decided before",
    "credentials-unavailable": "Credentials cannot be checked now",
    "cross-site-request": "A page of another site may not do this",
    "database-unavailable": "The database does not answer",
    "expired": "The deadline has passed",
    "forbidden": "Not allowed",
    "headers-too-large": "The request's head is too large",
    "idempotency-key-reused": "The idempotency key was used for another request",
    "insufficient-scope": "These credentials do not allow this",
    "internal-error": "Something went wrong here",
    "invalid-cursor": "This is no cursor",
    "invalid-input": "The input does not fit",
    "invalid-request": "The request does not fit",
    "invalid-selection": "There is no such choice",
    "invalid-workflow": "The workflow cannot be run as it is written",
    "malformed-decision": "This is no decision",
    "method-not-allowed": "This address takes another method",
    "no-approvals": "There is no list of what waits",
    "no-user": "The credentials are no user's",
    "no-worker": "No worker answers",
    "nothing-blocked": "Nothing is blocked",
    "not-acceptable": "There is no such form of it",
    "not-found": "There is nothing at this address",
    "not-local": "This server is for its own machine",
    "not-ready": "The server cannot do its work now",
    "outcome-unknown": "Nobody answered in time",
    "rate-limited": "Too many requests",
    "request-timeout": "The request did not arrive in time",
    "request-too-large": "The request is too large",
    "requirement-not-found": "There is no such requirement",
    "run-closed": "The run has ended",
    "run-id-reused": "The run id is another run's",
    "run-not-found": "There is no such run",
    "run-put-back": "The run was put back to an earlier place",
    "session-elsewhere": "Runs of the session are on another task queue",
    "session-in-use": "Runs of the session are open",
    "session-not-found": "There is no such session",
    "session-shared": "Other workflows have runs in the session",
    "step-not-blocked": "This step is not blocked",
    "stale-requirement": "The requirement is of an earlier attempt",
    "temporal-unavailable": "Temporal does not answer",
    "too-many-streams": "Too many streams are open",
    "unauthorized": "Nobody whom the server knows",
    "unreadable": "What was written cannot be read now",
    "unsupported-media-type": "The body is of another media type",
    "workflow-not-found": "There is no such workflow",
}
"""One fixed text for each type."""

_OF_STATUS = {
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "request-too-large",
    415: "unsupported-media-type",
    429: "rate-limited",
    431: "headers-too-large",
}
"""The type of an error that a framework raised."""


@dataclass
class Problem(Exception):
    """An answer that is an error.

    Attributes:
        status: The HTTP status.
        type: What kind of error, as a stable name: persisted in programs, never renamed.
        detail: What is wrong here, and what to do.
        members: Further members of the body, such as `winner`, `deadline` or `errors`.
        headers: Such as `Retry-After`.
    """

    status: int
    type: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, instance: str) -> dict[str, Any]:
        title = TITLES.get(self.type) or HTTPStatus(self.status).phrase
        shown = {"type": self.type, "title": title, "status": self.status, "detail": self.detail, "instance": instance}
        return {**shown, **self.members}


def problem_response(error: Exception, connection: HTTPConnection) -> Response:
    """The answer to a request of which an error came."""
    problem = as_problem(error, connection)
    body = json_bytes(problem.body(_path(connection)))
    return Response(body, problem.status, dict(problem.headers), MEDIA_TYPE)


def as_problem(error: Exception, connection: HTTPConnection) -> Problem:
    """What a caller may know of an error."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(error.errors())
        case HTTPException():
            return _of_framework(error)
        case RunNotFound():
            return Problem(404, "run-not-found", str(error))
        case RunIdReused():
            return Problem(409, "run-id-reused", str(error))
        case RunPutBack():
            return Problem(409, "run-put-back", str(error))
        case NoWorker():
            return Problem(503, "no-worker", str(error), headers=RETRY_AFTER)
        case OutcomeUnknown():
            return Problem(503, "outcome-unknown", str(error), headers=RETRY_AFTER)
        case Unreadable():
            return Problem(503, "unreadable", str(error), headers=RETRY_AFTER)
        case RequestTooLarge():
            return Problem(413, "request-too-large", str(error))
        case InvalidInput() | NotSerialisable() | MalformedValue():
            return _unfit(error)
        case UnstorableId():
            return Problem(422, "invalid-request", str(error))
        case PlanError():
            return Problem(422, "invalid-workflow", str(error))
        case NoApprovals():
            return Problem(501, "no-approvals", str(error))
        case BadCursor():
            return Problem(422, "invalid-cursor", str(error))
        case _ if is_no_answer(error):
            logger.warning("Temporal did not answer: %s", error)
            return Problem(503, "temporal-unavailable", NO_ANSWER, headers=RETRY_AFTER)
        case _ if is_of_a_database(error):
            logger.warning("the database did not answer: %s", error)
            detail = "The database did not answer. Send the request again."
            return Problem(503, "database-unavailable", detail, headers=RETRY_AFTER)
    return _internal(error, connection)


def _invalid(errors: Sequence[Any]) -> Problem:
    """One entry for each field, by where it stands in the request."""
    entries = [_entry(one) for one in errors[:MAX_ERRORS]]
    what = "1 field does" if len(errors) == 1 else f"{len(errors)} fields do"
    return Problem(422, "invalid-request", f"{what} not fit; `errors` says which, and why.", {"errors": entries})


def _unfit(error: Exception) -> Problem:
    """An input that its workflow does not take: by field, where its `input_schema` says which. agno makes it a text."""
    source = error.__cause__ and error.__cause__.__context__
    if not isinstance(source, ValidationError):
        return Problem(422, "invalid-input", str(error), {"errors": [{"field": "", "message": str(error)}]})
    found = source.errors(include_url=False, include_context=False, include_input=False)
    entries = [_entry({**one, "loc": ("input", *one["loc"])}) for one in found[:MAX_ERRORS]]
    return Problem(422, "invalid-input", "The input does not fit its workflow; `errors` says why.", {"errors": entries})


def _entry(error: Mapping[str, Any]) -> dict[str, str]:
    place, *names = [*error.get("loc", ()), ""][:10]
    name = ".".join(str(one) for one in names if one != "")
    return {"in": str(place), "field": name[:MAX_FIELD], "message": str(error.get("msg", ""))[:500]}


def _of_framework(error: HTTPException) -> Problem:
    type = _OF_STATUS.get(error.status_code, "invalid-request" if error.status_code < 500 else "internal-error")
    return Problem(error.status_code, type, str(error.detail) or TITLES[type], headers=dict(error.headers or {}))


def _internal(error: Exception, connection: HTTPConnection) -> Problem:
    error_id = str(uuid4())
    method = connection.scope.get("method", "")
    logger.error("error %s at %s %s", error_id, method, _path(connection), exc_info=error)
    detail = "The request was not answered. The server's log has the reason under this error_id."
    return Problem(500, "internal-error", detail, {"error_id": error_id})


def _path(connection: HTTPConnection) -> str:
    return quote(connection.scope.get("path", "")[:500], errors="replace")
