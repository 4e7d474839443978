"""What AgentOS answers where its routes leave an exception to become an opaque 500 that closes the connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import HTTPException

from agno_temporal.client import NoWorker, OutcomeUnknown, RunIdReused

RETRY_AFTER: Final = {"Retry-After": "5"}


@contextmanager
def unanswered() -> Iterator[None]:
    """Nobody answered in time: the caller may ask again."""
    try:
        yield
    except (NoWorker, OutcomeUnknown) as error:
        raise HTTPException(503, str(error), headers=RETRY_AFTER) from error


@contextmanager
def refusing_a_start() -> Iterator[None]:
    """What is wrong with a start is the caller's to know; agno's route knows of a broken input schema only."""
    try:
        yield
    except RunIdReused as error:
        raise HTTPException(409, str(error)) from error
    except (ValueError, TypeError, NotImplementedError) as error:
        raise HTTPException(400, str(error)) from error
