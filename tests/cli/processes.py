"""Commands in processes of their own, which a test can send signals to."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support import PATIENCE, eventually

COMMAND = "from agno_temporal.cli import main; main()"


class Process:
    """A Python process and what it wrote. It leads a group of its own, as a command in a terminal does."""

    def __init__(self, *arguments: str, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log = directory / f"process-{os.urandom(4).hex()}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=directory,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "AGNO_TELEMETRY": "false", "PYTHONUNBUFFERED": "1", **(environment or {})},
            )

    @classmethod
    def command(cls, *arguments: str, directory: Path, environment: Mapping[str, str] | None = None) -> Process:
        """`agno-temporal` with these arguments. As of the installed command, its directory is no place of modules."""
        return cls("-P", "-c", COMMAND, *arguments, directory=directory, environment=environment)

    @property
    def id(self) -> int:
        return self._process.pid

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    async def says(self, text: str) -> None:
        """Wait until it has written this."""

        async def found() -> bool:
            assert self.is_alive or text in self.said, self.said
            return text in self.said

        await eventually(f"{text!r} from the process", found)

    def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def interrupt(self) -> None:
        """Ctrl-C: every process of the group is told."""
        os.killpg(self._process.pid, signal.SIGINT)

    async def ended(self) -> int:
        """Its exit code."""
        return await asyncio.to_thread(self._process.wait, PATIENCE)

    async def stop(self) -> None:
        """Whatever state it is in: twice asked it ends at once, and takes its children with it."""

        async def over_or_stopping() -> bool:
            return not self.is_alive or "stopping" in self.said

        if self.is_alive:
            self.interrupt()
            await eventually("the process to stop", over_or_stopping)
        if self.is_alive:
            self.interrupt()
        await self.ended()

    def kill(self) -> None:
        """Without a chance to clean up."""
        if self.is_alive:
            self._process.kill()
        self._process.wait()


def children_of(process: Process) -> list[int]:
    """On Linux."""
    of_threads = Path(f"/proc/{process.id}/task").glob("*/children")
    return [int(child) for children in of_threads for child in children.read_text().split()]


def command_of(process: int) -> bytes:
    """The command line of this one, on Linux; empty of one that has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""
