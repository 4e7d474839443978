"""The routes of a decision and of a run's events, by hand: ``python -m benchmarks.callers.api_by_hand ADDRESS``. It
prints its address.

They know neither callers nor queues nor keys of idempotency, nor readers that come back: they are the least that any
API over HTTP takes. Of events, that is a long poll on the history and a query.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from temporalio.client import Client

from benchmarks.engine.pause import confirm_ours


class Confirmed(BaseModel):
    """What is answered."""

    run_id: str
    requirement_id: str
    action: str = "confirm"


def app_of(client: Client) -> FastAPI:
    app = FastAPI()

    @app.post("/runs/{run_id}/requirements/{requirement_id}/confirm")
    async def confirm(run_id: str, requirement_id: str) -> Confirmed:
        await confirm_ours(client, run_id, requirement_id)
        return Confirmed(run_id=run_id, requirement_id=requirement_id)

    @app.get("/runs/{run_id}/events")
    async def follow(run_id: str) -> StreamingResponse:
        return StreamingResponse(_events(client, run_id), media_type="text/event-stream")

    return app


async def _events(client: Client, run_id: str) -> AsyncIterator[str]:
    """What a run tells, to its end."""
    handle, known = client.get_workflow_handle(run_id), 0
    async for happened in handle.fetch_history_events(wait_new_event=True):
        if happened.HasField("workflow_task_completed_event_attributes"):
            for event in await handle.query("events", known):
                known += 1
                yield f"event: {event['event']}\ndata: {json.dumps(event)}\n\n"


async def main(address: str) -> None:
    # Of a socket that does not name its protocol, asyncio does not turn Nagle's algorithm off: answers come 40 ms late.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app_of(await Client.connect(address)), log_level="warning", access_log=False)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    await uvicorn.Server(config).serve([listening])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
