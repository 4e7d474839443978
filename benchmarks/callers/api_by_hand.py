"""The one route that a decision needs, by hand: ``python -m benchmarks.callers.api_by_hand ADDRESS``. It prints its
address.

It knows neither callers nor queues nor keys of idempotency: it is the least that any API over HTTP takes.
"""

from __future__ import annotations

import asyncio
import socket
import sys

import uvicorn
from fastapi import FastAPI
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

    return app


async def main(address: str) -> None:
    # Of a socket that does not name its protocol, asyncio does not turn Nagle's algorithm off: answers come 40 ms late.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app_of(await Client.connect(address)), log_level="warning", access_log=False)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    await uvicorn.Server(config).serve([listening])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
