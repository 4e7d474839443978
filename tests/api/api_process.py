"""The API in a process of its own, to be stopped or killed.

    python -m tests.api.api_process ADDRESS QUEUE PORT

A line on standard output says that it is loaded; it listens when a line comes in, so that a replacement can be ready
before the first one ends. At ``/polls`` it says of which runs it polls the history, and how often it began to.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import Any

import uvicorn
from agno.workflow import Step, Workflow
from fastapi import FastAPI
from temporalio.client import Client

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.follow import feed, pulse
from tests.crash.processes import ROOT

POLLS: list[str] = []

NOTED = Workflow(name="noted", steps=[Step(name="any", executor=lambda _: "")])
"""Stands for the workflows of `tests.crash`, which all have this name: an API runs no step."""


class Counted(pulse.Pulse):
    def __init__(self, client: Client, run_id: str) -> None:
        POLLS.append(run_id)
        super().__init__(client, run_id)


async def serve(address: str, queue: str, port: int) -> None:
    client = await Client.connect(address)
    app: FastAPI = create_app(new_service([NOTED], client, task_queue=queue))
    app.get("/polls")(lambda: POLLS)
    await uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=20)).serve()


def main(address: str, queue: str, port: str) -> None:
    feed.Pulse = Counted  # type: ignore[misc]
    print("loaded", flush=True)
    if sys.stdin.readline():
        asyncio.run(serve(address, queue, int(port)))


class ApiProcess:
    """Loaded when it is made; listens from its `start` on."""

    def __init__(self, address: str, queue: str, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.api_process", address, queue, str(port)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "AGNO_TELEMETRY": "false"},
        )

    async def start(self) -> None:
        loaded = await asyncio.to_thread(self._pipe("stdout").readline)
        assert loaded == b"loaded\n", f"the API's process did not load: {loaded!r}"
        self._pipe("stdin").write(b"go\n")
        self._pipe("stdin").flush()

    async def stop(self) -> int:
        """Tell it to stop, and wait until it has."""
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, 30)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._pipe("stdin").close()
        self._pipe("stdout").close()

    def _pipe(self, name: str) -> Any:
        return getattr(self._process, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
