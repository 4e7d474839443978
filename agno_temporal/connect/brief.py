"""A failure of which its activity is tried again, as short as Temporal keeps it.

Of a pending activity's last failure Temporal keeps 4 KB (`limit.mutableStateActivityFailureSize.error`). Of a longer
one it drops all but the message, and where failures are encrypted that is no more than "Encoded failure": traces and
causes would cost an operator the reason. So they are left out, and the message is cut where it would be too long
encrypted.
"""

from __future__ import annotations

import json
from typing import Final

from temporalio.exceptions import ApplicationError

MAX_BYTES: Final = 3_000
"""Of a message, as JSON. What encrypts it, the type and the details take some hundred more."""


def brief(exception: BaseException) -> BaseException:
    """The exception as it is written; a copy without trace and cause, where its activity is tried again."""
    if not isinstance(exception, ApplicationError) or exception.non_retryable or exception.failure is not None:
        return exception
    return ApplicationError(
        _short(exception.message),
        *exception.details,
        type=exception.type,
        next_retry_delay=exception.next_retry_delay,
        category=exception.category,
    )


def _short(text: str) -> str:
    if len(text) * len(r"\ud83d\ude00") <= MAX_BYTES:
        return text
    room = MAX_BYTES
    for at, character in enumerate(text):
        room -= len(json.dumps(character)) - 2
        if room < 0:
            return f"{text[:at]}... ({len(text)} characters)"
    return text
