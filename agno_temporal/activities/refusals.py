"""Failures of activities as Temporal sees them: which are tried again, how soon, and under what name.

Three kinds. What an operator mends (a missing step, a database that is down) is tried for as long as it takes, and
Temporal shows the last failure with the pending activity: such a run is *blocked*. What nothing can mend (a result that
cannot be kept) ends the run. And what the step's own code raised is tried as often as its author said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from agno_temporal.activities.history import MissingOutput
from agno_temporal.activities.host import WorkflowUnknown
from agno_temporal.activities.threads import Exited
from agno_temporal.agno_bridge.bodies import BodyMismatch, BodyMissing
from agno_temporal.agno_bridge.callers import is_asked_for
from agno_temporal.agno_bridge.database_errors import is_of_a_database
from agno_temporal.agno_bridge.lookup import StepBlocked
from agno_temporal.agno_bridge.run_cancels import CancelsItsRun
from agno_temporal.agno_bridge.session_history import HistoryNotRead
from agno_temporal.agno_bridge.tool_questions import UnsupportedAtRunTime
from agno_temporal.agno_bridge.values import MalformedValue, NotSerialisable, TypeNotLoaded
from agno_temporal.contract.errors import ErrorType, as_unicode, text_of
from agno_temporal.contract.sealed import Unreadable

MAX_MESSAGE = 8_000
"""An exception's text may be a whole page; a failure in history is no place for it."""

MAX_WAIT = 30.0

_BLOCKING: dict[type[Exception], ErrorType] = {
    WorkflowUnknown: ErrorType.WORKFLOW_UNKNOWN,
    StepBlocked: ErrorType.STEP_BLOCKED,
    TypeNotLoaded: ErrorType.STEP_BLOCKED,
    MalformedValue: ErrorType.STEP_BLOCKED,
    MissingOutput: ErrorType.STEP_BLOCKED,
    BodyMismatch: ErrorType.STEP_BLOCKED,
    BodyMissing: ErrorType.STEP_BLOCKED,
    Unreadable: ErrorType.STEP_BLOCKED,
    HistoryNotRead: ErrorType.RUN_FAILED,
}

_FINAL: dict[type[Exception], ErrorType] = {
    NotSerialisable: ErrorType.OUTPUT_NOT_SERIALISABLE,
    UnsupportedAtRunTime: ErrorType.UNSUPPORTED,
    CancelsItsRun: ErrorType.RUN_CANCELLED,
}


class OwnError(Exception):
    """Raised by the step's own code: only these count against its retries."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(text_of(error))
        self.error = error


@contextmanager
def own_errors_apart() -> Iterator[None]:
    """Wrap what user code raises, so that nothing of it is taken for a failure of ours.

    A cancellation that nobody asked for is the step's own: Temporal would try it again for ever.
    """
    try:
        yield
    except (*_BLOCKING, *_FINAL):
        raise
    except asyncio.CancelledError as error:
        if activity.is_cancelled():
            raise
        raise OwnError(error) from error
    except Exception as error:
        raise OwnError(error) from error
    except BaseException as error:
        if is_asked_for(error):
            raise
        raise OwnError(Exited(error)) from error


@contextmanager
def as_temporal_failures() -> Iterator[None]:
    """Turn our failures into Temporal's."""
    try:
        yield
    except (ApplicationError, OwnError):
        raise
    except tuple(_FINAL) as error:
        raise final(str(error), _FINAL[type(error)]) from tellable(error)
    except (Exception, SystemExit) as error:
        kind = next((_BLOCKING[cls] for cls in type(error).__mro__ if cls in _BLOCKING), ErrorType.RUN_FAILED)
        if is_of_a_database(error):
            raise blocked(first_line(error), kind) from None
        text = text_of(error) if kind is not ErrorType.RUN_FAILED else f"{type(error).__name__}: {text_of(error)}"
        raise blocked(text, kind) from tellable(error)


def first_line(error: BaseException) -> str:
    """What a database's error says before it goes on with its statement and all that this was to write: a whole
    session, which is nobody's to read in a log. And beyond a few kilobytes Temporal shows nothing of a failure."""
    return f"{type(error).__name__}: {next(iter(text_of(error).splitlines()), '')}"


def blocked(message: str, error_type: ErrorType) -> ApplicationError:
    """Tried again for as long as it takes, at most half a minute apart."""
    wait = min(0.25 * 2.0 ** min(activity.info().attempt, 10), MAX_WAIT)
    return ApplicationError(sayable(message), type=error_type.value, next_retry_delay=timedelta(seconds=wait))


def final(message: str, error_type: ErrorType, *details: object) -> ApplicationError:
    """Never tried again."""
    return ApplicationError(sayable(message), *details, type=error_type.value, non_retryable=True)


def clipped(message: str) -> str:
    """The message, as long as it may be."""
    if len(message) <= MAX_MESSAGE:
        return message
    return f"{message[:MAX_MESSAGE]}... ({len(message)} characters)"


def sayable(message: str) -> str:
    """The message as a failure may have it."""
    return as_unicode(clipped(message))


def tellable(error: BaseException) -> BaseException | None:
    """The error as a cause, with its trace; None where its texts are too long, no Unicode, or cannot be read. Temporal
    writes a cause in full, and a failure that is too large to be told leaves its attempt open until the worker is taken
    for dead."""
    size = 0
    one: BaseException | None = error
    while one is not None:
        try:
            text = str(one)
        except Exception:
            return None
        if text != as_unicode(text):
            return None
        size += len(text)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return error if size <= MAX_MESSAGE else None
