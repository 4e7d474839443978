"""AgentOS, and a worker of its workflow, in processes that a test kills.

    python -m tests.agentos.killed ADDRESS QUEUE PORT

Both keep their rows in the file that ``TESTS_AGENTOS_DB`` names. The workflow's first step waits until its journal is
released.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import Client

from agno_temporal import AgnoPlugin, DurableWorkflow
from tests.agentos.serving import agent_os, patient
from tests.crash.journal import Journal
from tests.support import eventually

ROOT = Path(__file__).parents[2]


def workflow() -> Workflow:
    async def held(step_input: Any) -> str:
        journal = Journal(step_input.get_input_as_string())
        journal.write("began")
        await journal.released()
        journal.write("ended")
        return "held is done"

    def noted(step_input: Any) -> str:
        Journal(step_input.get_input_as_string()).write("began")
        return "noted"

    return Workflow(
        name="killed",
        db=SqliteDb(db_file=os.environ["TESTS_AGENTOS_DB"]),
        steps=[
            Step(name="first", executor=noted),
            Step(name="held", executor=held),
            Step(name="gate", executor=noted, human_review=HumanReview(requires_confirmation=True)),
            Step(name="last", executor=noted),
        ],
    )


def plugin(queue: str) -> AgnoPlugin:
    """For `tests.crash.worker_process`."""
    return AgnoPlugin([workflow()])


class ApiProcess:
    """AgentOS at one port, whatever is killed there."""

    def __init__(self, address: str, queue: str, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", "tests.agentos.killed", address, queue, str(port)]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._launch()

        async def answers() -> bool:
            try:
                async with patient(self.url) as http:
                    return (await http.get("/health")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually("AgentOS to answer", answers)

    def _launch(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT, env={**os.environ, "AGNO_TELEMETRY": "false"})

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


async def serve(address: str, queue: str, port: str) -> None:
    durable = DurableWorkflow(workflow(), client=await Client.connect(address), task_queue=queue)
    app = agent_os([durable], durable.db).get_app()
    await uvicorn.Server(uvicorn.Config(app, port=int(port), log_level="error")).serve()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
