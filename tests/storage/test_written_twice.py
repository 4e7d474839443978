"""A row may be written twice, and one that hung may be written late: neither counts anything twice or takes it back."""

from __future__ import annotations

import asyncio
from typing import Any

from agno.metrics import RunMetrics
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow.types import StepMetrics, WorkflowMetrics

from agno_temporal.agno_bridge.store import write_run
from tests.storage.databases import session_of
from tests.storage.runs import run, workflow


def spent(tokens: int) -> WorkflowMetrics:
    step = StepMetrics("s", "agent", "Ann", metrics=RunMetrics(total_tokens=tokens))
    return WorkflowMetrics(steps={"s": step})


async def write(db: Any, *runs: WorkflowRunOutput) -> WorkflowRunOutput:
    """Write them, one after the other, and return the one run that the session then has."""
    subject = workflow(db)
    for one in runs:
        await write_run(subject, one, {}, asyncio.to_thread)
    session = await session_of(subject, "s")
    assert session
    [stored] = session.runs or []
    return stored


async def test_a_run_that_is_written_twice_counts_once(sql: Any) -> None:
    ended = [run(RunStatus.completed, metrics=spent(7)) for _ in range(2)]
    await write(sql, *ended)

    session = await session_of(workflow(sql), "s")
    assert session
    assert (session.session_data or {})["session_metrics"]["total_tokens"] == 7


async def test_a_run_that_has_ended_is_not_written_back(sql: Any) -> None:
    stored = await write(sql, run(RunStatus.completed, content="done"), run(RunStatus.paused), run(RunStatus.running))

    assert (stored.status, stored.content) == ("COMPLETED", "done")


async def test_a_later_run_of_the_same_id_takes_its_place(sql: Any) -> None:
    """Temporal lets an id be used again once it has forgotten the run."""
    stored = await write(sql, run(RunStatus.completed, content="done"), run(RunStatus.running, created_at=200))

    assert (stored.status, stored.content) == ("RUNNING", None)
