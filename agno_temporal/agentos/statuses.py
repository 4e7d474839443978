"""What AgentOS answers where its routes leave an exception to become an opaque 500 that closes the connection.

In a stream the answer has begun, and agno's routes send an exception's text as the last event. On a socket it is the
text of an error. There nobody reads a status, so that only the text is made to say something.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import HTTPException

from agno_temporal.client import NoWorker, OutcomeUnknown, RunIdReused
from agno_temporal.contract.sealed import Unreadable
from agno_temporal.follow.away import NO_ANSWER, is_no_answer

RETRY_AFTER: Final = {"Retry-After": "5"}


class Unanswered(HTTPException):
    """A 503 that says what is missing."""


@contextmanager
def unanswered() -> Iterator[None]:
    """Nobody answered in time, or what was answered cannot be read here: the caller may ask again."""
    try:
        with unanswered_in_a_stream():
            yield
    except (NoWorker, OutcomeUnknown, Unreadable) as error:
        raise Unanswered(503, str(error), headers=RETRY_AFTER) from error


@contextmanager
def unanswered_in_a_stream() -> Iterator[None]:
    """The same as a text: Temporal's own errors name a transport, and not what to do."""
    try:
        yield
    except Exception as error:
        if is_no_answer(error):
            raise OutcomeUnknown(NO_ANSWER) from error
        raise


@contextmanager
def refusing_a_start() -> Iterator[None]:
    """What is wrong with a start is the caller's to know; agno's route knows of a broken input schema only."""
    try:
        yield
    except RunIdReused as error:
        raise HTTPException(409, str(error)) from error
    except (ValueError, TypeError, NotImplementedError) as error:
        raise HTTPException(400, str(error)) from error
