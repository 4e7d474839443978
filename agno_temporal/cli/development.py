"""`agno-temporal dev`: Temporal's development server and a worker, in one command on one machine.

Ctrl-C goes to every process of the terminal. The server would be gone before the worker's steps could report what they
did, and each would run again; so it is started in a session of its own, and stopped when the worker is done with it.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.connect.dev_server import CannotStartServer, refuse_taken, start_dev_server
from agno_temporal.connect.loading import load_workflows
from agno_temporal.connect.settings import Settings
from agno_temporal.plugin import AgnoPlugin
from agno_temporal.worker import Stop, log_to_stderr, working

HOST = "127.0.0.1"
DEFAULT_PORT = 7233

_START = """
import os, sys
os.setsid()
with open(sys.argv[1], "w") as file:
    file.write(str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


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
            async with working(server.client, plugin, queue, max_concurrent_steps):
                self._tell(plugin, queue)
                await stop.wait()

    async def _server(self, stop: Stop) -> WorkflowEnvironment:
        with _Detached() as detached:
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


class _Detached:
    """A command that runs Temporal's binary away from the terminal's signals, for as long as it takes to start it."""

    command: str | None = None

    def __enter__(self) -> _Detached:
        self._directory = tempfile.TemporaryDirectory()
        binary = shutil.which("temporal")
        if binary is not None and os.name == "posix":
            self.command = str(self._written(binary))
        return self

    def __exit__(self, *error: object) -> None:
        self._directory.cleanup()

    def process(self) -> int | None:
        """The id of the process; None where the binary is the SDK's own download, and was not started by `command`."""
        file = Path(self._directory.name, "process")
        return int(file.read_text()) if file.exists() else None

    def _written(self, binary: str) -> Path:
        command = Path(self._directory.name, "temporal")
        arguments = [sys.executable, "-c", _START, str(command.with_name("process")), binary]
        command.write_text(f'#!/bin/sh\nexec {shlex.join(arguments)} "$@"\n')
        command.chmod(0o700)
        return command
