"""`agno-temporal` for the pages' shells, without the seconds that each process spends on its imports.

Nearly all of what the pages cost would be imports. A process that has done them forks for each command; the program
that the shell finds hands its arguments, directory, environment and streams over, passes signals on, and ends with the
command's exit code. The command itself is the real one, and so is the child process that ``dev`` starts: what it takes
for its Python is this program too.

``python -m tests.docs_blocks.warm SOCKET`` is that process.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, NoReturn

from tests.docs_blocks.pages import ROOT

_IMPORTS = (
    "agno.db.sqlite",
    *(f"agno_temporal.cli.{part}" for part in ("api_process", "development_child", "direct", "remote", "waiting")),
)

_PROGRAM = """#!{python} -IS
import json, os, signal, socket, sys
words = sys.argv[1:]
safe = ["-P"] if words[:1] == ["-P"] else []
words = words[len(safe):]
if words[:2] == ["-m", "agno_temporal"]:
    words = words[2:]
elif words[:1] in (["-c"], ["-m"]):
    os.execv(sys.executable, [sys.executable, *safe, *words])
with socket.socket(socket.AF_UNIX) as warm:
    warm.connect({path!r})
    given = {{"arguments": words, "directory": os.getcwd(), "environment": dict(os.environ), "program": sys.argv[0]}}
    socket.send_fds(warm, [json.dumps(given).encode()], [0, 1, 2])
    process = int(warm.recv(16))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: os.kill(process, number))
    sys.exit(int(warm.recv(16) or 70))
"""


@contextmanager
def warm_command(directory: Path) -> Iterator[Path]:
    """A directory with the command, to be put on a PATH."""
    path = directory / "warm.sock"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.docs_blocks.warm", str(path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        program = directory / "bin" / "agno-temporal"
        program.parent.mkdir()
        program.write_text(_PROGRAM.format(python=sys.executable, path=str(path)))
        program.chmod(0o755)
        yield program.parent
    finally:
        process.kill()
        process.wait()


def _serve(path: str) -> NoReturn:
    for module in _IMPORTS:
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _watch(connection)
            connection.close()


def _watch(connection: socket.socket) -> NoReturn:
    """Fork once more: who runs the command ends with it, and cannot tell its exit code."""
    said, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    child = os.fork()
    if child == 0:
        connection.close()
        _run(json.loads(said), streams)
    for stream in streams:
        os.close(stream)
    connection.send(str(child).encode())
    Thread(target=_end_too, args=(connection, child), daemon=True).start()
    _, status = os.waitpid(child, 0)
    with suppress(OSError):
        connection.send(str(os.waitstatus_to_exitcode(status) % 256).encode())
    os._exit(0)


def _end_too(connection: socket.socket, child: int) -> None:
    """Who killed the program meant the command."""
    with suppress(OSError):
        connection.recv(1)
        os.kill(child, signal.SIGKILL)


def _run(given: dict[str, Any], streams: list[int]) -> NoReturn:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(given["directory"])
    os.environ.clear()
    os.environ.update(given["environment"])
    sys.argv = ["agno-temporal", *given["arguments"]]
    sys.executable = given["program"]
    sys.modules["__main__"].__package__ = None  # Help would call it "python -m tests...".
    from agno_temporal.cli import main

    try:
        main()
    finally:
        os._exit(70)


if __name__ == "__main__":
    _serve(sys.argv[1])
