"""A development server that Ctrl-C does not reach.

Ctrl-C goes to every process of the terminal. The server would be gone before the worker's steps could report what they
did, and each would run again; so it is started in a session of its own, and stopped by whoever started it.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from pathlib import Path

from agno_temporal.connect import binary as installed

_START = """
import os, sys
os.setsid()
with open(sys.argv[1], "w") as file:
    file.write(str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


class Detached:
    """A command that runs Temporal's binary away from the terminal's signals, for as long as it takes to start it.

    `command` is None where no binary is found, and the SDK's own download is taken.
    """

    command: str | None = None

    def __init__(self, binary: str | Path | None = None) -> None:
        self._binary = str(binary) if binary else installed.temporal()

    def __enter__(self) -> Detached:
        self._directory = tempfile.TemporaryDirectory()
        self.command = self._binary
        if self._binary is not None and os.name == "posix" and Path(self._binary).is_file():
            self.command = str(self._written(self._binary))
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
