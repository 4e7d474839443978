"""What a caller of runs may hear instead of an answer.

A caller has to tell what changed nothing from what may have been taken, and what is gone from what only nobody answers
for. So each has a class of its own, and says what to do.

It is heard in the process that called, which may not be the one that asked for the run: a pool hands an error over by
pickle. One that cannot be made anew there breaks a ProcessPoolExecutor, and lets a multiprocessing.Pool wait for ever.
"""

from __future__ import annotations

from typing import Any

from agno.exceptions import RunNotFoundError
from agno.run.workflow import WorkflowRunOutput
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.hitl import Refusal, RefusalCode


class Portable(BaseException):
    """An error whose constructor takes other arguments than its text. Python would make a copy by calling that with the
    text; here it is made of what it is."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _anew, (type(self), self.args), self.__dict__


def _anew(cls: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    return cls.__new__(cls, *args)


class RunNotFound(LookupError, RunNotFoundError):
    """There is no run of this id. For agno's routes, which answer 404, it is agno's own error too."""


class NoAgnoRun(Portable, RunNotFound):
    """There is a Temporal workflow of this id, and it is no run of an agno workflow."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"{run_id!r} is a Temporal workflow, and no run of an agno workflow.")


def not_found(run_id: str, error: RPCError) -> Exception:
    """`RunNotFound`, where that is what Temporal's error says; else that error."""
    if error.status is RPCStatusCode.NOT_FOUND:
        return RunNotFound(f"There is no run {run_id!r}. `agno-temporal runs` lists those there are.")
    return error


class RunPutBack(Portable, RuntimeError):
    """The run was reset, and its events are counted on from an earlier one."""

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"Run {run_id!r} was put back to an earlier place (temporal workflow reset), and its events are counted on "
            "from there. Read them again from the first one."
        )


class RunIdReused(ValueError):
    """The id belongs to a run of another workflow or another input."""


class RequestTooLarge(ValueError):
    """The request is larger than Temporal takes. Nothing was started."""


class NoWorker(RuntimeError):
    """The run is kept, but no worker is there to run it."""


class Locked(Portable, NoWorker):
    """A worker is there, and has not the key of the encryption that it would need. It says which one that is."""

    def __init__(self, run_id: str, words: str) -> None:
        super().__init__(f"Run {run_id!r} is open, and its worker can tell nothing of it: {words}")


class OutcomeUnknown(RuntimeError):
    """Nobody answered in time: the decision may or may not have been taken. Sent again with the same decision id, it is
    taken once."""


class RunError(Portable, RuntimeError):
    """The run ended as agno's ERROR. `run_output` is the run."""

    def __init__(self, run: WorkflowRunOutput, error_type: str | None) -> None:
        super().__init__(str(run.content))
        self.run_output = run
        self.error_type = error_type


_WRONG = frozenset(
    {
        RefusalCode.MALFORMED,
        RefusalCode.ACTION_NOT_ALLOWED,
        RefusalCode.INVALID_INPUT,
        RefusalCode.INVALID_SELECTION,
        RefusalCode.KEY_REUSED,
    }
)
"""What is wrong with the decision itself."""


class DecisionRefused(Portable, ValueError):
    """A decision that changes nothing. `refusal` says why, and who won where somebody did."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal

    @property
    def code(self) -> RefusalCode:
        return self.refusal.code

    @property
    def is_late(self) -> bool:
        """Whether it came at the wrong time, so that no other decision on this requirement would do better."""
        return self.code not in _WRONG
