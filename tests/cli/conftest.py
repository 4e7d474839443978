"""The command line in this process, pointed at the test's own queue."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Workflow
from typer.testing import CliRunner, Result

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.cli import app
from tests.api.serving import serving
from tests.support import Bench


class Cli:
    """Runs commands. They bring an event loop of their own, so each is given a thread of its own."""

    def __init__(self, address: str, task_queue: str) -> None:
        self.environment = {
            "TEMPORAL_ADDRESS": address,
            "AGNO_TEMPORAL_TASK_QUEUE": task_queue,
            "COLUMNS": "80",
            "LOGNAME": "ana",
        }

    async def __call__(self, *arguments: str, columns: int = 80, stdin: str | None = None) -> Result:
        environment = {**self.environment, "COLUMNS": str(columns)}
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, input=stdin, env=environment)

    async def ok(self, *arguments: str, **options: Any) -> str:
        """What a command prints that succeeds."""
        result = await self(*arguments, **options)
        assert result.exit_code == 0, result.output
        return result.stdout

    async def json(self, *arguments: str) -> Any:
        """The document of a command that succeeds."""
        return json.loads(await self.ok(*arguments, "--json"))

    async def refused(self, code: int, *arguments: str) -> str:
        """What a command says that fails with this code."""
        result = await self(*arguments)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.stderr


class Remote:
    """The same commands against an API, of which no command knows where Temporal is."""

    def __init__(self, bench: Bench, tmp_path: Path) -> None:
        self._bench = bench
        self._database = tmp_path / "runs.db"

    @asynccontextmanager
    async def of(
        self,
        *workflows: Workflow,
        worker: bool = True,
        access: Any = None,
        through: Callable[[Any], Any] = lambda app: app,
    ) -> AsyncIterator[Cli]:
        """Commands, while a server and, unless there is to be none, a worker of these workflows are up.

        Args:
            through: What stands between the commands and the API.
        """
        db = SqliteDb(db_file=str(self._database))
        for workflow in workflows:
            workflow.db = db
        service = new_service(workflows, self._bench.client, task_queue=self._bench.task_queue, access=access)
        app = through(create_app(service))
        async with self._bench.worker(*workflows) if worker else nullcontext(), serving(app) as url:
            cli = Cli("127.0.0.1:1", "nowhere")
            cli.environment["AGNO_TEMPORAL_API_URL"] = url
            yield cli


@pytest.fixture
def remote(bench: Bench, tmp_path: Path) -> Remote:
    return Remote(bench, tmp_path)


@pytest.fixture
def cli(server: str, bench: Bench) -> Cli:
    return Cli(server, bench.task_queue)


def unloaded(directory: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> str:
    """The name of a module in the current directory, which is this one now, that no other test has loaded."""
    name = f"app_{uuid.uuid4().hex}"
    (directory / f"{name}.py").write_text(source)
    monkeypatch.chdir(directory)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return name
