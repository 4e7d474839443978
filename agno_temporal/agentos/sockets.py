"""A run on a WebSocket: AgentOS hands the socket over, and expects events on it while it listens for the next message.

Nobody awaits this work, so that its failure is told where the events would have been. The run does not notice whether
anybody listens.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing
from typing import Any

from agno.os.managers import WebSocketHandler
from fastapi import WebSocketDisconnect

from agno_temporal.agentos.frames import pause_of
from agno_temporal.agentos.statuses import unanswered_in_a_stream
from agno_temporal.client import RunClient

logger = logging.getLogger("agno_temporal")

_pumps: set[asyncio.Task[None]] = set()


def pump(runs: RunClient, run_id: str, after: int, websocket: Any) -> None:
    """Send the run's events after a number to a socket, to its end or its next pause."""
    task = asyncio.create_task(_pump(runs, run_id, after, websocket), name=f"socket-{run_id}")
    _pumps.add(task)
    task.add_done_callback(_pumps.discard)


async def _pump(runs: RunClient, run_id: str, after: int, websocket: Any) -> None:
    handler = WebSocketHandler(websocket=websocket)
    try:
        with unanswered_in_a_stream():
            async with aclosing(runs.leg(run_id, after)) as events:
                async for number, event in events:
                    await handler.handle_event(event, event_index=number, run_id=run_id)
                    if handler.websocket is None:  # agno's handler has seen that nobody listens any more.
                        return
            if (paused := await pause_of(runs, run_id)) is not None:
                await handler.handle_event(paused, run_id=run_id)
    except Exception as error:
        logger.exception("run %s: its events could not be sent to a socket", run_id)
        await _say(websocket, json.dumps({"event": "error", "run_id": run_id, "error": str(error)[:1000]}))


async def _say(websocket: Any, text: str) -> None:
    try:
        await websocket.send_text(text)
    except (RuntimeError, WebSocketDisconnect):  # Closed meanwhile (starlette/websockets.py).
        logger.info("a socket was closed before it could be told: %s", text)
