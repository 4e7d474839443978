"""Whether Temporal was away: an error of a call that nobody has answered, so that what it asked for may be done or not.

A server that is not there, one that says nothing, and one that is lost in the middle of a call have errors of their
own. The last is `UNKNOWN`, "transport error" (temporalio 1.35), and looks like any other failure: who takes it for one
gives up a stream that would go on, or takes a decision that was recorded for one that was not.
"""

from __future__ import annotations

from typing import Final

from temporalio.service import RPCError, RPCStatusCode

AWAY: Final = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.UNKNOWN,
    }
)
"""What such a call can end with."""


def is_away(error: BaseException) -> bool:
    return isinstance(error, RPCError) and error.status in AWAY


NO_ANSWER: Final = "Temporal did not answer. Send the request again: what has an id of its own is done once."
"""What a caller over HTTP is told of that, by whichever routes."""

_STATUSES: Final = AWAY | {RPCStatusCode.RESOURCE_EXHAUSTED}


def is_no_answer(error: BaseException) -> bool:
    """Whether Temporal has not answered, or had no time to: the same call may be answered later. A client that connects
    at its first call (`lazy=True`) has an error of its own where it cannot."""
    if isinstance(error, RPCError):
        return error.status in _STATUSES
    return isinstance(error, RuntimeError) and str(error).startswith("Failed client connect")
