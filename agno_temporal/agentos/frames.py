"""Events as AgentOS sends them: one frame of server-sent events each, with its number and the run's id.

A stream that ends at a pause ends with what is asked. agno's own does so on a socket and in a foreground stream, and
leaves who watches a background run to ask for the run once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from agno.os.utils import format_sse_event_with_index
from agno.run.workflow import WorkflowPausedEvent, WorkflowRunOutput

from agno_temporal.agno_bridge.event_text import unbroken
from agno_temporal.client import RunClient

KEEPALIVE: Final = ": keepalive\n\n"

KEEPALIVE_AFTER: Final = 15.0
"""Seconds of silence, as agno's background streams (agno/run/background.py)."""


def frame(run_id: str, number: int | None, event: Any) -> str:
    """One frame. What has no number yet, because it is not durable yet, carries none."""
    return unbroken(str(format_sse_event_with_index(event, event_index=number, run_id=run_id)))


async def frames(runs: RunClient, run_id: str, after: int, *, stream_events: bool) -> AsyncGenerator[str, None]:
    """The run's frames to its end or its next pause, with a comment now and then while nothing happens."""
    async with aclosing(runs.leg(run_id, after, stream_events=stream_events)) as events:
        waiting: asyncio.Future[tuple[int | None, Any]] | None = None
        try:
            while True:
                waiting = waiting or asyncio.ensure_future(anext(events))
                if not (await asyncio.wait([waiting], timeout=KEEPALIVE_AFTER))[0]:
                    yield KEEPALIVE
                    continue
                try:
                    number, event = waiting.result()
                except StopAsyncIteration:
                    break
                finally:
                    waiting = None
                yield frame(run_id, number, event)
        finally:
            if waiting is not None:
                waiting.cancel()
                await asyncio.wait([waiting])
    if (paused := await pause_of(runs, run_id)) is not None:
        yield frame(run_id, None, paused)


async def pause_of(runs: RunClient, run_id: str) -> WorkflowPausedEvent | None:
    """agno's event for a run that waits, with what it asks (agno/os/routers/workflows/router.py:1206)."""
    manifest = await runs.snapshot(run_id)
    return paused_event(await runs.whole(manifest)) if manifest.status == "PAUSED" else None


def paused_event(run: WorkflowRunOutput) -> WorkflowPausedEvent:
    return WorkflowPausedEvent(
        run_id=run.run_id or "",
        workflow_id=run.workflow_id,
        workflow_name=run.workflow_name,
        session_id=run.session_id,
        status=run.status.value,
        paused_step_index=run.paused_step_index,
        paused_step_name=run.paused_step_name,
        pause_kind=run.pause_kind,
        step_requirements=run.step_requirements,
        step_results=run.step_results,
        step_executor_runs=run.step_executor_runs,
        content=run.content,
        metadata=run.metadata,
    )
