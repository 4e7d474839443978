"""How a step, or the run, ends early.

None of these is one of Temporal's own failure classes: what escapes the interpreter unexpectedly must fail the workflow
task, which is retried until it is mended, and not the run.
"""

from __future__ import annotations

from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.outputs import Output


class StepFailed(Exception):
    """A step's own code raised and its retries are used up. Containers and `on_error` decide what follows."""

    def __init__(self, message: str, error_type: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.error_type = error_type


class NodeSkipped(Exception):
    """A human, or the timer, skips the node at `path`: it leaves no output, and the run goes on behind it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class RunCancelled(Exception):
    """A decision cancels the run: agno's CANCELLED, with `reason` as its content.

    `rejected` is the output that the review of `path` rejected, which agno keeps in the run's results.
    """

    def __init__(self, reason: str, path: str, rejected: Output | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.rejected = rejected


class CancelledAtWork(Exception):
    """A step's own code cancels the run: agno's CANCELLED, with `reason` as its content. No container and no `on_error`
    sees it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RunFailed(Exception):
    """The run ends as agno's ERROR. No container and no `on_error` sees it."""

    def __init__(self, message: str, error_type: str = ErrorType.RUN_FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.error_type = error_type
