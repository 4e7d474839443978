"""What the commands need of runs: one protocol, spoken to Temporal itself (`direct`) or to a remote API (`remote`).

A command that worked against one of them only would be a second command line, with words of its own. So whatever is
drawn or printed is the JSON of `agno_temporal.views`, which both answer with, and no command asks which of them it has.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from agno_temporal.contract.request import RunRequest
    from agno_temporal.hitl import Decision

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which runs, or which questions, and at most how many. None leaves that one out."""

    limit: int
    workflow_id: str | None = None
    kind: str | None = None
    step_name: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    open_only: bool = False


class Lists(Protocol):
    """What needs no run: an app can tell it too (`apps`)."""

    async def workflows(self) -> Document:
        """The workflows that can be started, or that have runs; `complete` says which."""

    async def workflow(self, workflow_id: str) -> Document:
        """`workflow_document`, as far as it is known."""

    async def pending(self, wanted: Wanted) -> tuple[Document, bool]:
        """`pending_document`, and whether there is more."""


class Backend(Lists, Protocol):
    """Runs, wherever they are.

    Every method raises `Failed`, or what `exits` makes an exit code of: no such run, nobody answers.
    """

    def actor(self, by: str | None) -> str | None:
        """Who decides, where the caller may say so."""

    async def start(self, workflow_id: str, request: RunRequest, run_id: str) -> None:
        """Start a run, or attach to the one that this very request started."""

    async def nobody_works(self) -> str | None:
        """What to tell where it is known that no worker is there."""

    async def run(self, run_id: str) -> Document:
        """`run_document`."""

    async def questions(self, run_id: str) -> Document:
        """`questions_document`, which asks less than `run`."""

    async def fields(self, run_id: str) -> list[Document]:
        """The fields of every form that the run may show, as far as they are known without a worker."""

    async def runs(self, wanted: Wanted) -> tuple[Document, bool]:
        """`runs_document`, and whether there are more."""

    async def decide(self, run_id: str, decision: Decision) -> Document:
        """`resolution_document` of what is recorded.

        Raises:
            Refused: It changes nothing.
            Unknown: It may be taken, or not; the same decision id is safe to send again.
        """

    async def signal(self, run_id: str, decision: Decision) -> None:
        """Leave it for the run, whether a worker is up or not."""

    async def cancel(self, run_id: str) -> bool:
        """Ask a run to end. False where it had ended before."""

    async def terminate(self, run_id: str, reason: str) -> bool:
        """End a run at once, without a last word of its own. False where it had ended before."""

    async def unblock(self, run_id: str, step: str | None) -> list[Document]:
        """Try what is blocked again, now: what that was. All of it, or one step, which may be named by its path.

        Raises:
            NothingBlocked, StepNotBlocked, RunEnded: Or `Failed` with the same codes. Nothing is changed.
        """

    async def blocked(self, run_id: str) -> list[Document]:
        """What an operator has to mend."""

    async def settled(self, run_id: str) -> Document:
        """The run, once it has ended, or only a decision can move it."""

    def events(self, run_id: str, after: int, follow: bool) -> AsyncGenerator[Document, None]:
        """Its events behind a number, each with its own as `event_index`: those that there are, or to the run's end."""
