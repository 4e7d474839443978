"""Failures as exit codes and a line on stderr. What each code means stands in `agno_temporal.cli`."""

from __future__ import annotations

import enum
import os
import shutil
import sys
import textwrap
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from agno_temporal.hitl import RefusalCode


class ExitCode(enum.IntEnum):
    """What a command's end means."""

    OK = 0
    RUN_FAILED = 1
    USAGE = 2
    NO_ANSWER = 3
    NOT_FOUND = 4
    REFUSED = 5
    BUG = 70
    NOT_WRITTEN = 74
    INTERRUPTED = 130
    NOBODY_READS = 141


MEANINGS = {
    ExitCode.OK: "done; of `run`: the run completed, or waits for a person",
    ExitCode.RUN_FAILED: "the run ended as ERROR or CANCELLED (`run --wait`, `run --ask`, `watch`)",
    ExitCode.USAGE: "wrong usage or input: mend the command, the values or the workflow, and repeat it",
    ExitCode.NO_ANSWER: "no server, no worker or no database answered: start it, and repeat the command",
    ExitCode.NOT_FOUND: "there is no such run, or nothing in it that could be decided",
    ExitCode.REFUSED: "nothing is changed: decided before, expired, of an earlier attempt, or the run has ended",
    ExitCode.BUG: "a bug of ours; AGNO_TEMPORAL_DEBUG=1 shows where",
    ExitCode.NOT_WRITTEN: "not all that it said could be written (a full disk?): see what it did before you repeat it",
    ExitCode.INTERRUPTED: "interrupted: Ctrl-C, or Ctrl-D where a yes is asked for",
    ExitCode.NOBODY_READS: "who read what it said had gone, such as `| head -1`",
}

EPILOG = "\n\n".join(["Exit codes:", *(f"{code.value}: {meaning}" for code, meaning in MEANINGS.items())])


_OFF = ("", "0", "false")

_OF_THE_API = ("fastapi", "jwt", "prometheus_client", "sse_starlette", "starlette", "uvicorn")


class Failed(Exception):
    """A command cannot do what it was asked to. `code` is its exit code."""

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


class Refused(Failed):
    """A decision changes nothing."""


class Unknown(Failed):
    """Nobody said whether a decision was taken. Under the same id, it is safe to send again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ExitCode.NO_ANSWER)


class NotWritten(OSError):
    """What a command says could not be written."""


def tell(message: str) -> None:
    """Say something beside the answer: without control characters, and at a terminal broken between words."""
    from agno_temporal.views.text import printable

    said = printable(message)
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        lines = (
            textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) for line in said.splitlines()
        )
        said = "\n".join("\n".join(line) for line in lines)
    print(said, file=sys.stderr, flush=True)


@contextmanager
def as_exit_codes() -> Iterator[None]:
    """Turn failures into a message and an exit code."""
    try:
        yield
    except (typer.Exit, typer.BadParameter, BrokenPipeError, NotWritten):
        raise
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except typer.Abort:
        tell("\nInterrupted.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except Exception as error:
        code, message = verdict(error)
        show_bug(code, error)
        tell(f"Error: {message}")
        raise typer.Exit(code) from error


def show_bug(code: ExitCode, error: BaseException) -> None:
    """Where a bug of ours is, for whoever has asked for that."""
    if code is ExitCode.BUG and os.environ.get("AGNO_TEMPORAL_DEBUG", "").strip().lower() not in _OFF:
        traceback.print_exception(error)


def verdict(error: BaseException) -> tuple[ExitCode, str]:
    """What a failure means, and how it is said."""
    from temporalio.service import RPCError, RPCStatusCode

    from agno_temporal import client
    from agno_temporal.agno_bridge.approvals import NoApprovals
    from agno_temporal.agno_bridge.database_errors import is_of_a_database
    from agno_temporal.agno_bridge.refusals import PlanError
    from agno_temporal.agno_bridge.row_order import RunIdTaken
    from agno_temporal.agno_bridge.store import SessionOfAnother
    from agno_temporal.agno_bridge.value_writer import NotSerialisable
    from agno_temporal.connect.dev_server import CannotStartServer, CannotUseDatabase
    from agno_temporal.connect.loading import CannotLoad
    from agno_temporal.connect.settings import BadSetting
    from agno_temporal.connect.tracing import TelemetryMissing
    from agno_temporal.contract.sealed import Unreadable
    from agno_temporal.follow.mending import NothingBlocked, RunEnded, StepNotBlocked
    from agno_temporal.plan.data import DataError
    from agno_temporal.webhooks import WebhookError

    refusals = (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED)
    match error:
        case Failed():
            return error.code, str(error)
        case ModuleNotFoundError(name=str(name)) if name.partition(".")[0] in _OF_THE_API:
            return ExitCode.USAGE, f"{name} is not installed: pip install 'agno-temporal[api]'."
        case client.DecisionRefused():
            return of_refusal(error.code), str(error)
        case NoApprovals() | BadSetting() | CannotLoad() | PlanError() | TelemetryMissing() | WebhookError():
            return ExitCode.USAGE, str(error)
        case CannotUseDatabase():
            return ExitCode.USAGE, str(error)
        case client.RunIdReused() | client.RequestTooLarge() | NotSerialisable():
            return ExitCode.USAGE, str(error)
        case UnicodeEncodeError():
            around = error.object[max(error.start - 30, 0) : error.end]
            return ExitCode.USAGE, f"What was given is not UTF-8, here: {around!r}."
        case StepNotBlocked():
            return ExitCode.USAGE, str(error)
        case RunEnded() | RunIdTaken() | SessionOfAnother():
            return ExitCode.REFUSED, str(error)
        case client.RunNotFound() | NothingBlocked():
            return ExitCode.NOT_FOUND, str(error)
        case DataError():
            return ExitCode.NOT_FOUND, f"This is no run of an agno workflow: {error}."
        case ConnectionError() | CannotStartServer() | Unreadable():
            return ExitCode.NO_ANSWER, str(error)
        case client.NoWorker() | client.OutcomeUnknown() | client.RunPutBack():
            return ExitCode.NO_ANSWER, str(error)
        case RPCError():
            code = ExitCode.USAGE if error.status in refusals else ExitCode.NO_ANSWER
            return code, f"Temporal answered {error.status.name}: {error.message}"
    if is_of_a_database(error):
        return ExitCode.NO_ANSWER, f"The database does not answer as it should: {str(error).splitlines()[0]}"
    return ExitCode.BUG, (
        f"unexpected {type(error).__name__}: {error}. This is a bug; AGNO_TEMPORAL_DEBUG=1 shows where it is."
    )


def of_refusal(refusal: RefusalCode) -> ExitCode:
    """What another answer would mend is the input's fault; what nothing mends, the decision's."""
    from agno_temporal.hitl import RefusalCode

    match refusal:
        case RefusalCode.NOT_FOUND:
            return ExitCode.NOT_FOUND
        case (
            RefusalCode.MALFORMED
            | RefusalCode.ACTION_NOT_ALLOWED
            | RefusalCode.INVALID_INPUT
            | RefusalCode.INVALID_SELECTION
            | RefusalCode.KEY_REUSED
        ):
            return ExitCode.USAGE
        case _:
            return ExitCode.REFUSED
