"""A worker's log where payloads are encrypted: of what a step raises, the class and the place, and not the words.

Temporal's SDK logs the failure of each attempt with its message and traceback. The message of an exception holds what
the code was at, and would stand in plain in a log that goes to other people than those who have the key. It is in the
run, for whoever can open it.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from temporalio import activity
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from agno_temporal.agno_bridge.values import MalformedValue
from agno_temporal.connect.encryption import EncryptionCodec
from agno_temporal.contract.errors import ErrorType

_OURS: Final = frozenset(
    {
        ErrorType.DELIVERY_FAILED,
        ErrorType.DELIVERY_GIVEN_UP,
        ErrorType.OUTPUT_TOO_LARGE,
        ErrorType.STEP_BLOCKED,
        ErrorType.UNSUPPORTED,
        ErrorType.WORKFLOW_UNKNOWN,
    }
)
"""Whose words are ours, and name ids and names alone."""


def encrypts(converter: DataConverter) -> bool:
    """Whether what it writes is not for everybody."""
    return isinstance(converter.payload_codec, EncryptionCodec)


@contextmanager
def discreet(converter: DataConverter) -> Iterator[None]:
    """Keep the words of exceptions out of the log of this process's activities for the length of a block, if this
    converter encrypts."""
    if not encrypts(converter):
        yield
        return
    steps, runs = logging.getLogger("temporalio.activity"), logging.getLogger("temporalio.worker._workflow_instance")

    def of_steps(record: logging.LogRecord) -> bool:  # One for each block, so that each takes away its own.
        return _without_words(record)

    def of_runs(record: logging.LogRecord) -> bool:
        """At DEBUG, the SDK logs how a run or an update failed. What it warns of is a fault of ours, and is needed."""
        if record.levelno == logging.DEBUG:
            record.exc_info = record.exc_text = None
        return True

    steps.filters.insert(0, of_steps)  # Before one that makes a text of the exception, as the worker's own does.
    runs.addFilter(of_runs)
    try:
        yield
    finally:
        steps.removeFilter(of_steps)
        runs.removeFilter(of_runs)


def _without_words(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if error is None or not activity.in_activity():
        return True
    task = activity.info()
    said = _own_words(error) or f"{_named(error)}. What it says is in the run, encrypted."
    record.msg, record.args = "run %s, %s: %s", (task.workflow_id, task.activity_id, said)
    record.exc_info = record.exc_text = None
    return True


def _own_words(error: BaseException) -> str | None:
    """Why a recorded value cannot be read is said by whatever reads it, and may be said with the value."""
    if not isinstance(error, ApplicationError) or error.type not in _OURS:
        return None
    return None if isinstance(error.__cause__ or error.__context__, MalformedValue) else error.message


def _named(error: BaseException) -> str:
    """What kind of failure it is, the class of its first cause, and where that was raised."""
    kind = f"{error.type}, " if isinstance(error, ApplicationError) and error.type else ""
    if isinstance(error, ApplicationError):  # A cause that is too long to be written stands behind it all the same.
        error = error.__cause__ or error.__context__ or error
    while error.__cause__ is not None:
        error = error.__cause__
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
    return f"{kind}{type(error).__name__}{where}"
