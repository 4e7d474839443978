"""What is known of one run, for whoever draws it or writes it down."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TypeAlias

from agno.run.workflow import WorkflowRunOutput
from agno.workflow.types import ErrorRequirement, StepRequirement
from temporalio.client import WorkflowExecutionStatus

from agno_temporal.activities.history import read_plan
from agno_temporal.client import Blocked, NoWorker, RunClient
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.follow.blocked import blocked
from agno_temporal.follow.mending import described
from agno_temporal.plan import Plan

PATIENCE = 1.0
"""Seconds without an answer before it is asked whether any worker is there."""

Shown: TypeAlias = StepRequirement | ErrorRequirement
"""A requirement as agno shows it."""

OPEN = frozenset({"PENDING", "RUNNING", "PAUSED"})


@dataclass(frozen=True)
class RunView:
    """A run at one moment.

    Attributes:
        output: The run as agno's own object, whole.
        closed: Temporal has it as ended. A run knows its end before that is stored and told, and is closed after.
        plan: What it follows; None if it was never opened.
        blocked: What an operator has to mend.
        now: The moment, in seconds since the epoch.
    """

    manifest: Manifest
    output: WorkflowRunOutput
    closed: bool
    plan: Plan | None = None
    blocked: tuple[Blocked, ...] = ()
    now: float = field(default_factory=time.time)

    @property
    def is_open(self) -> bool:
        return self.manifest.status in OPEN

    @property
    def settled(self) -> bool:
        """It has ended, and that is stored and told; or only a decision can move it."""
        if self.is_open:
            return self.manifest.status == "PAUSED" and self.manifest.quiet
        return self.closed

    def waiting(self) -> list[tuple[Asked, Shown]]:
        """The open requirements, as they are kept and as agno shows them."""
        shown: list[Shown] = [*(self.output.step_requirements or ()), *(self.output.error_requirements or ())]
        by_id = {one.step_id: one for one in shown}
        return [(one, by_id[one.requirement.id]) for one in self.manifest.asked if one.resolution is None]


async def manifest_of(runs: RunClient, run_id: str) -> Manifest:
    """The run as it stands. Temporal keeps a question for a worker that may come; nobody is kept waiting for one here.

    Raises:
        RunNotFound, NoWorker: As `RunClient.manifest`.
    """
    asked = asyncio.ensure_future(runs.manifest(run_id))
    try:
        done, _ = await asyncio.wait([asked], timeout=PATIENCE)
        if not done and (nobody := await runs.nobody_answers(run_id)) is not None:
            raise NoWorker(f"Run {run_id!r} is open, and {nobody}.")
        return await asked
    finally:
        asked.cancel()


async def look_at(runs: RunClient, run_id: str, manifest: Manifest | None = None) -> RunView:
    """Gather what is known of a run.

    Raises:
        RunNotFound, NoWorker: As `manifest_of`.
    """
    manifest = manifest or await manifest_of(runs, run_id)
    description = await described(runs.client, run_id)
    closed = description.status is not WorkflowExecutionStatus.RUNNING
    output, plan, held_up = await asyncio.gather(
        runs.whole(manifest, description.run_id),
        read_plan(runs.client, run_id),
        _nothing() if closed else blocked(runs.client, description),
    )
    return RunView(manifest, output, closed, plan, tuple(held_up))


def under_review(asked: Asked, shown: Shown) -> object:
    """The content that a reviewer is asked about; None for another kind of question."""
    if isinstance(shown, ErrorRequirement) or not asked.requirement.kind.is_review or shown.step_output is None:
        return None
    return shown.step_output.content


def previous_content(asked: Asked, shown: Shown) -> object:
    """What the step would be given that somebody is asked about before it runs."""
    if asked.requirement.kind.is_review or shown.step_input is None:
        return None
    return shown.step_input.previous_step_content


async def _nothing() -> list[Blocked]:
    return []
