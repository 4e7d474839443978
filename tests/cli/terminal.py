"""Commands at a terminal of 80 columns, as a person has it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

from tests.cli.processes import COMMAND
from tests.support import PATIENCE, eventually

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A command whose three streams are a terminal, and what has appeared on it."""

    def __init__(self, *arguments: str, directory: Path, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        given = {key: value for key, value in environment.items() if key != "COLUMNS"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            cwd=directory,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_the_terminal,
            env={**os.environ, "AGNO_TELEMETRY": "false", "TERM": "xterm", "LANG": "C.UTF-8", **given},
        )
        os.close(theirs)
        os.set_blocking(self._ours, False)
        self._written = b""

    @property
    def raw(self) -> str:
        """With all that moves the cursor and colours."""
        try:
            while part := os.read(self._ours, 65536):
                self._written += part
        except (BlockingIOError, OSError):
            pass
        return self._written.decode(errors="replace").replace("\r\n", "\n")

    @property
    def said(self) -> str:
        return ESCAPES.sub("", self.raw)

    async def says(self, text: str) -> None:
        async def found() -> bool:
            said = self.said
            assert text in said or self._process.poll() is None, said
            return text in said

        await eventually(f"{text!r} at the terminal", found)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    async def ended(self) -> int:
        """Its exit code. What it writes is read meanwhile: a terminal that is full holds the process up."""

        async def over() -> bool:
            return bool(self.raw) is not None and self._process.poll() is not None

        await eventually("the command to end", over, PATIENCE)
        await asyncio.sleep(0)
        code: int = self._process.returncode
        return code


def _take_the_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
