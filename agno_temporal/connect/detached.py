"""A development server that Ctrl-C does not reach, and that ends with whoever started it.

Ctrl-C goes to every process of the terminal. The server would be gone before the worker's steps could report what they
did, and each would run again; so it is started in a session of its own, and stopped by whoever started it. Where that
one is killed it cannot, and the server would keep port and database: so a process beside the server waits for either
of them to end, by files that only they have open, and which the system closes however they end. (The signal that Linux
sends when a parent dies is no way: it comes when the thread ends that started the server, and threads come and go.)
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from pathlib import Path

from agno_temporal.connect import binary as installed
from agno_temporal.connect.dev_server import CannotStartServer

_START = """
import os, select, signal, sys
os.setsid()
server = os.getpid()
with open(sys.argv[1], "w") as file:
    file.write(str(server))
owner = os.open(sys.argv[2], os.O_RDONLY | os.O_NONBLOCK)
ends, held = os.pipe()
if os.fork() == 0:
    os.dup2(owner, 0)
    os.dup2(ends, 1)
    for opened in map(int, os.listdir("/dev/fd")):
        if opened > 1:
            try:
                os.close(opened)
            except OSError:
                pass
    if 1 not in select.select([0, 1], [], [])[0]:
        os.kill(server, signal.SIGTERM)
    os._exit(0)
os.set_inheritable(held, True)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Arguments: where to write the server's id, the pipe that the owner has open, the command. The process that waits
keeps nothing else open: neither the lock on the database nor the terminal. It is started where the user's files are
(``-P``: none of them is taken for a library's)."""


class Detached:
    """A command that runs Temporal's binary away from the terminal's signals, for as long as it takes to start it.

    `command` is None where no binary is found, and the SDK's own download is taken. What was started has to be stopped
    before `let_go`, which ends it.
    """

    command: str | None = None
    _owner: int | None = None

    def __init__(self, binary: str | Path | None = None) -> None:
        self._binary = str(binary) if binary else installed.temporal()

    def __enter__(self) -> Detached:
        """
        Raises:
            CannotStartServer: The binary cannot be executed, or nothing can be where temporary files are.
        """
        self._directory = tempfile.TemporaryDirectory()
        self.command = self._binary
        if self._binary is not None and os.name == "posix" and Path(self._binary).is_file():
            try:
                _refuse_unexecutable(self._binary, "Name one that can be, or mend that (chmod +x).")
                self.command = str(self._written(self._binary))
                _refuse_unexecutable(self.command, "Set TMPDIR to a directory in which programs can be.")
            except BaseException as error:
                self.__exit__(type(error), error, error.__traceback__)
                raise
        return self

    def __exit__(self, *error: object) -> None:
        self._directory.cleanup()
        if any(error):
            self.let_go()

    def let_go(self) -> None:
        """End what was started, if it still runs."""
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None

    def process(self) -> int | None:
        """The id of the process; None where the binary is the SDK's own download, and was not started by `command`."""
        file = Path(self._directory.name, "process")
        return int(file.read_text()) if file.exists() else None

    def _written(self, binary: str) -> Path:
        command = Path(self._directory.name, "temporal")
        owner = command.with_name("owner")
        os.mkfifo(owner)
        self._owner = os.open(owner, os.O_RDWR)  # For writing alone it would wait for a reader.
        arguments = [sys.executable, "-P", "-c", _START, str(command.with_name("process")), str(owner), binary]
        command.write_text(f'#!/bin/sh\nexec {shlex.join(arguments)} "$@"\n')
        command.chmod(0o700)
        return command


def _refuse_unexecutable(path: str, remedy: str) -> None:
    """On a file system that is mounted with noexec nothing can be executed, whatever its permissions say. The SDK's
    error does not name the file, and a server that a script cannot execute would be waited for.

    Raises:
        CannotStartServer: This process may not execute the file.
    """
    if not os.access(path, os.X_OK):
        why = "it lacks the permission, or its file system is mounted with noexec"
        raise CannotStartServer(f"{path} cannot be executed: {why}. {remedy}")
