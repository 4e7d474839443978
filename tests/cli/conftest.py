"""The command line in this process, pointed at the test's own queue."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agno_temporal.cli import app
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


@pytest.fixture
def cli(server: str, bench: Bench) -> Cli:
    return Cli(server, bench.task_queue)
