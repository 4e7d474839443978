"""An app in a directory of its own, with the processes that serve it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import httpx

from tests.cli.dev import free_port
from tests.cli.processes import Process
from tests.support import eventually

APP = """
import time
from pathlib import Path

from agno.db.sqlite import SqliteDb
from agno.workflow import HumanReview, Step, Workflow


def hold(step_input):
    Path("begun").touch()
    while not Path("go-on").exists():
        time.sleep(0.02)
    return "held"


db = SqliteDb(db_file="agno.db")
gate = HumanReview(requires_confirmation=True, timeout=1800, on_timeout="reject")
gated = Workflow(name="gated", db=db, steps=[Step(name="publish", executor=lambda _: "live", human_review=gate)])
held = Workflow(name="held", db=db, steps=[Step(name="hold", executor=hold)])
"""


class App:
    """Commands and processes of one app, on a queue of its own."""

    def __init__(self, directory: Path, address: str) -> None:
        (directory / "app.py").write_text(APP)
        self.directory = directory
        self.queue = f"operations-{uuid.uuid4()}"
        self.environment = {"TEMPORAL_ADDRESS": address, "AGNO_TEMPORAL_TASK_QUEUE": self.queue, "COLUMNS": "80"}
        self._started: list[Process] = []

    def command(self, *arguments: str, **environment: str) -> Process:
        given = {**self.environment, **environment}
        self._started.append(Process.command(*arguments, directory=self.directory, environment=given))
        return self._started[-1]

    async def said(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """What a command prints that ends with this code."""
        process = self.command(*arguments, **environment)
        assert await process.ended() == code, process.said
        return process.said

    async def worker(self) -> Process:
        worker = self.command("worker", "app.py")
        await worker.says("ready:")
        return worker

    async def api(self, *options: str, **environment: str) -> tuple[Process, httpx.AsyncClient]:
        port = free_port()
        api = self.command("api", "app.py", "--port", str(port), *options, **environment)
        await api.says("The API is at")
        return api, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60)

    def kill(self) -> None:
        for process in self._started:
            process.kill()


async def waiting(http: httpx.AsyncClient, workflow_id: str = "gated") -> tuple[str, str]:
    """A run that waits: its id, and the address of its question."""
    answer = await http.post("/v1/runs?wait=30", json={"workflow_id": workflow_id})
    [asked] = answer.json()["run"]["pending"]
    run_id = answer.json()["run_id"]
    return run_id, f"/v1/runs/{run_id}/requirements/{asked['requirement_id']}"


async def ended(http: httpx.AsyncClient, run_id: str) -> dict[str, Any]:
    """A run, once it has ended."""

    async def over() -> dict[str, Any] | None:
        answer = await http.get(f"/v1/runs/{run_id}")
        run: dict[str, Any] = answer.json()
        return run if run.get("status") in ("COMPLETED", "CANCELLED", "ERROR") else None

    return await eventually(f"the end of {run_id}", over)
