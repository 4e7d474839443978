"""The manifest: a run's state or result, with references in place of large outputs.

Forty outputs of 50 KB in one result would pass the 2 MB that Temporal takes for a payload, and the run would retry its
last task for ever. So the result names outputs, carries small ones, and the reader puts the whole together
(`agno_bridge.run_output`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agno_temporal.contract.events import StoredEvents
from agno_temporal.contract.outputs import Output
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import Flow
from agno_temporal.hitl import Requirement, Resolution
from agno_temporal.plan.data import Json

ENDED: Final = ("COMPLETED", "ERROR", "CANCELLED")
"""The statuses after which nothing of a run waits, or goes on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement with what the human is shown, and its resolution once it has one.

    `flow` is None for a decided one where the manifest would else be too large.
    """

    requirement: Requirement
    flow: Flow | None
    output: Output | None = None
    resolution: Resolution | None = None


@dataclass(frozen=True, slots=True)
class NodeState:
    """Where a node of the plan stands: waiting, running, done, failed or skipped; and how often it ran."""

    state: str
    occurrence: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """A run as it stands.

    Attributes:
        status: agno's `RunStatus`, as its value.
        content: The run's content where it is text of the interpreter's own (an error, a cancellation).
        content_of: The output whose deepest content is the run's.
        quiet: Nothing runs: only a decision, a timer or a cancel can move the run.
        duration: Seconds from start to end, where it has ended.
        agent: What the agent in front of the workflow did so far.
        forgotten: Of each path, up to which occurrence its questions were answered and are not among `asked`.
        put_back: For the database: the run was reset, and what the rows say of a later state does not count.
        as_of: For the database, the order of a run's writes: when this history of the run began, or was put back
            (`moment_of`); how many events it had; the write's number, and its moment. None where nothing is written.
    """

    run_id: str
    workflow_id: str
    status: str
    created_at: int
    session_id: str = ""
    workflow_name: str | None = None
    user_id: str | None = None
    metadata: Json = None
    session_state: Json = None
    content: str | None = None
    content_of: Output | None = None
    step_results: tuple[Output, ...] = ()
    asked: tuple[Asked, ...] = ()
    paused_step_index: int | None = None
    paused_step_name: str | None = None
    cancellation_stage: str | None = None
    error_type: str | None = None
    duration: float | None = None
    quiet: bool = False
    request: RunRequest | None = None
    plan_digest: str = ""
    store_executor_outputs: bool = True
    progress: dict[str, NodeState] | None = None
    refused: tuple[str, ...] = ()
    agent: Output | None = None
    events: StoredEvents | None = None
    forgotten: dict[str, int] | None = None
    put_back: bool = False
    as_of: tuple[int, ...] | None = None


def moment_of(at: float) -> int:
    """Seconds of the server's clock as whole milliseconds."""
    return int(at * 1000)
