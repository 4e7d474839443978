"""Worker and server processes that a test can kill with SIGKILL: no handler runs, nothing is flushed."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from temporalio.client import Client

from agno_temporal.connect.dev_server import FLAGS
from tests.ports import lasting_port

ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """A worker that runs `target`, a function of `tests.crash.workflows`."""

    def __init__(self, address: str, queue: str, target: str) -> None:
        module = target if ":" in target else f"tests.crash.workflows:{target}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.worker_process", address, queue, module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "AGNO_TELEMETRY": "false"},
        )
        self.killed_at = 0.0

    @property
    def pid(self) -> int:
        return self._process.pid

    async def start(self) -> WorkerProcess:
        """Let it connect and work. Until then it has no part in anything."""
        loaded = await asyncio.to_thread(self._process.stdout.readline)
        assert loaded == b"loaded\n", f"the worker process did not load: {loaded!r}"
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()
        return self

    def kill(self) -> None:
        self.killed_at = time.time()
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def suspend(self) -> None:
        """Stop it dead without closing its connections, as a machine that hangs does."""
        os.kill(self._process.pid, signal.SIGSTOP)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None


class ServerProcess:
    """A Temporal development server with its data in a file, so that it can come back."""

    def __init__(self, port: int, database: Path) -> None:
        self.address = f"127.0.0.1:{port}"
        self._command = [
            *(shutil.which("temporal") or "temporal", "server", "start-dev", "--headless", "--log-level", "error"),
            *("--port", str(port), "--db-filename", str(database)),
            *FLAGS,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> Client:
        """Start it, and connect as soon as it answers."""
        self._launch()
        until = time.monotonic() + 20
        while True:
            try:
                return await Client.connect(self.address)
            except RuntimeError:
                assert time.monotonic() < until, "the server did not come up within 20 s"
                await asyncio.sleep(0.05)

    def _launch(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def server_on_file(directory: Path) -> Iterator[ServerProcess]:
    """A server that may be killed, on a port of its own, with its data in this directory."""
    server = ServerProcess(lasting_port(), directory / "temporal.db")
    try:
        yield server
    finally:
        server.kill()
