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
