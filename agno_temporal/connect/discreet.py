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

from agno_temporal.connect.encryption import EncryptionCodec
from agno_temporal.contract.errors import ErrorType

_OURS: Final = frozenset({ErrorType.STEP_BLOCKED, ErrorType.WORKFLOW_UNKNOWN})
"""Whose words are ours, and name ids and names alone."""


@contextmanager
def discreet(converter: DataConverter) -> Iterator[None]:
    """Keep the words of exceptions out of the log of this process's activities for the length of a block, if this
    converter encrypts."""
    if not isinstance(converter.payload_codec, EncryptionCodec):
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

    steps.addFilter(of_steps)
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
    if isinstance(error, ApplicationError) and error.type in _OURS:
        said = error.message
    else:
        said = f"{_named(error)}. What it says is in the run, encrypted."
    record.msg, record.args = "run %s, %s: %s", (task.workflow_id, task.activity_id, said)
    record.exc_info = record.exc_text = None
    return True


def _named(error: BaseException) -> str:
    """The class of the first cause, and where it was raised."""
    while error.__cause__ is not None:
        error = error.__cause__
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
