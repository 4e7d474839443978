"""`agno-temporal dev`: Temporal's development server, a worker and the API, in one command on one machine.

The server is started away from the terminal's signals (`connect.detached`), and outlives the code, though not this
process: worker and API run in a child process (`development_child`), which is started anew when a file of the app
changes. Runs that are open go on there. Ctrl-C reaches this process alone, which hands it on, so that the server is
stopped after the worker.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from dataclasses import asdict, dataclass
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.cli.files import LOOK_EVERY, Files
from agno_temporal.cli.options import API_URL
from agno_temporal.cli.scratch import scratch
from agno_temporal.connect.detached import Detached
from agno_temporal.connect.dev_server import CannotStartServer, refuse_taken, start_dev_server
from agno_temporal.worker import Stop, log_to_stderr

HOST = "127.0.0.1"
NAMESPACE = "default"
CHILD = "_develop"
"""The hidden command that the child process is."""

ELSEWHERE = (*("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"), API_URL)
"""Variables that take a command which names no server to another one than this."""

_OF_ANOTHER_SERVER = ("TEMPORAL_TLS", "TEMPORAL_API_KEY", "TEMPORAL_PROFILE")
"""How the variables begin that say how a server is called (temporalio.envconfig)."""


@dataclass(frozen=True)
class Development:
    """What to start, and where. A port of None serves none."""

    references: list[str]
    port: int
    ui_port: int | None
    api_port: int | None
    database: Path
    task_queue: str | None
    max_concurrent_steps: int | None = None

    def run(self) -> int:
        """Serve until a signal comes.

        Raises:
            Failed: A port is in use, or no temporary file can be written.
            CannotLoad: The directory that it was started in is gone.
            CannotStartServer: The server did not come up.
        """
        ports = {"--port": self.port, "--ui-port": self.ui_port, "--api-port": self.api_port}
        for option, port in ports.items():
            if port is not None:
                _refuse_taken(port, option)
        log_to_stderr()
        return asyncio.run(self._serve())

    async def _serve(self) -> int:
        stop = Stop()
        with scratch() as directory:
            files = Files(self.references, directory / "loaded")
            async with await self._server(stop):
                return await self._supervised(stop, files)

    async def _supervised(self, stop: Stop, files: Files) -> int:
        """Keep a child at work, until it is told to stop, or the server is gone. A first one that does not come up ends
        the command. Returns its exit code."""
        ending = asyncio.ensure_future(self._ending(stop))
        first = True
        while True:
            child = await self._child(files)
            stop.ends_too(child.pid)
            ended, changed = asyncio.ensure_future(child.wait()), asyncio.ensure_future(files.changed())
            await asyncio.wait([ended, changed, ending], return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and not ending.done():
                stop.forgets(child.pid)
                if first and not _ready(files).exists():
                    return ended.result() if ended.result() > 0 else ExitCode.BUG
                how = _how(ended.result())
                tell(f"Worker and API have ended ({how}). Nothing runs now. It is started again when a file changes.")
                await asyncio.wait([changed, ending], return_when=asyncio.FIRST_COMPLETED)
            else:
                if not ending.done():
                    tell(f"{', '.join(changed.result())} changed: loading it anew.")
                if not ended.done():
                    child.send_signal(signal.SIGTERM)
                await ended
                stop.forgets(child.pid)
            changed.cancel()
            if ending.done():
                return ending.result()
            first = False

    async def _ending(self, stop: Stop) -> ExitCode:
        """Wait until it is told to stop, or until nothing listens any more where the server did."""
        stopping = asyncio.ensure_future(stop.wait())
        while is_taken(self.port):
            await asyncio.wait([stopping], timeout=LOOK_EVERY)
            if stopping.done():
                return ExitCode.OK
        stopping.cancel()
        kept = f"Runs are kept in {self.database}, and go on when this is started again."
        tell(f"Error: Temporal's development server has ended by itself. {kept}")
        return ExitCode.NO_ANSWER

    async def _child(self, files: Files) -> Process:
        """In a session of its own, so that the terminal's Ctrl-C comes from here, once; and without this directory
        among those of modules before the app is loaded, where a `secrets.py` would be taken for the library's."""
        given = {**asdict(self), "database": str(self.database)}
        given |= {"loaded": str(files.loaded), "ready": str(_ready(files))}
        given["elsewhere"] = any(os.environ.get(name) for name in ELSEWHERE)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "agno_temporal", CHILD, json.dumps(given)),
            env=self._environment(),
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        """For what the app itself connects to Temporal: to this server alone, whatever is set for others."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(_OF_ANOTHER_SERVER)}
        here = {"TEMPORAL_ADDRESS": f"{HOST}:{self.port}", "TEMPORAL_NAMESPACE": NAMESPACE}
        return {**ours, **here, "TEMPORAL_CONFIG_FILE": os.devnull}

    async def _server(self, stop: Stop) -> WorkflowEnvironment:
        with Detached() as detached:  # Never let go: the end of this process does it.
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


def _ready(files: Files) -> Path:
    """The file that is there once a child has come up."""
    return files.loaded.with_name("ready")


def _how(ended: int) -> str:
    """In words, how a process ended: one that is killed for its memory says nothing itself."""
    return f"exit code {ended}" if ended >= 0 else f"signal {signal.Signals(-ended).name}"


def is_taken(port: int) -> bool:
    try:
        refuse_taken(port)
    except CannotStartServer:
        return True
    return False


def _refuse_taken(port: int, option: str) -> None:
    try:
        refuse_taken(port)
    except CannotStartServer as error:
        another = "--port, and with it another --db" if option == "--port" else option
        raise Failed(f"{error} ({another})", ExitCode.USAGE) from error
