"""`agno-temporal dev`: Temporal's development server and a worker, in one command on one machine.

The server is started away from the terminal's signals (`connect.detached`), and is stopped after the worker.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.connect.detached import Detached
from agno_temporal.connect.dev_server import CannotStartServer, refuse_taken, start_dev_server
from agno_temporal.connect.loading import load_workflows
from agno_temporal.connect.settings import Settings
from agno_temporal.connect.telemetry import traced
from agno_temporal.plugin import AgnoPlugin
from agno_temporal.worker import Stop, log_to_stderr, working

HOST = "127.0.0.1"
DEFAULT_PORT = 7233


@dataclass(frozen=True)
class Development:
    """What to start, and where. `ui_port` of None serves no Web UI."""

    references: list[str]
    port: int
    ui_port: int | None
    database: Path
    task_queue: str | None

    def run(self, max_concurrent_steps: int | None = None) -> None:
        """Serve until a signal comes.

        Raises:
            Failed: A port is in use.
            CannotStartServer: The server did not come up.
            CannotLoad, PlanError: The workflows are not there, or cannot be run as they are written.
        """
        for port, option in ((self.port, "--port"), (self.ui_port, "--ui-port")):
            if port is not None:
                _refuse_taken(port, option)
        log_to_stderr()
        asyncio.run(self._serve(max_concurrent_steps))

    async def _serve(self, max_concurrent_steps: int | None) -> None:
        stop = Stop()
        queue = Settings(task_queue=self.task_queue).queue
        async with await self._server(stop) as server:
            # For what the app itself connects to Temporal when it is loaded.
            os.environ["TEMPORAL_ADDRESS"] = f"{HOST}:{self.port}"
            plugin = AgnoPlugin(load_workflows(self.references))
            async with working(traced(server.client), plugin, queue, max_concurrent_steps):
                self._tell(plugin, queue)
                await stop.wait()

    async def _server(self, stop: Stop) -> WorkflowEnvironment:
        with Detached() as detached:
            server = await start_dev_server(
                port=self.port,
                database=self.database,
                binary=detached.command,
                ui=self.ui_port is not None,
                ui_port=self.ui_port,
            )
            if (process := detached.process()) is not None:
                stop.ends_too(process)
            return server

    def _tell(self, plugin: AgnoPlugin, queue: str) -> None:
        where = "" if self.port == DEFAULT_PORT else f" --address {HOST}:{self.port}"
        where += f" --task-queue {shlex.quote(self.task_queue)}" if self.task_queue else ""
        example = plugin.registry.names()[0]
        print(f"Temporal is at {HOST}:{self.port}, namespace default, task queue {queue}.")
        if self.ui_port is not None:
            print(f"Its Web UI is at http://{HOST}:{self.ui_port}.")
        print(f"Runs are kept in {self.database}, and go on when this is started again.")
        print(f"Workflows: {', '.join(plugin.registry.names())}")
        for command in (f"run {shlex.quote(example)} --input TEXT", "pending", "show RUN_ID", "confirm RUN_ID"):
            print(f"  agno-temporal {command}{where}")
        print("Ctrl-C stops it.", flush=True)


def _refuse_taken(port: int, option: str) -> None:
    try:
        refuse_taken(port)
    except CannotStartServer as error:
        raise Failed(f"{error} ({option})", ExitCode.USAGE) from error
