"""`agno-temporal` for the pages' shells, without the second or two that each command spends on its imports.

Half of what the pages cost would be imports. A process that has done them forks for each command; the program that the
shell finds hands its arguments, directory, environment and streams over, and ends with the command's exit code. The
command itself is the real one. What stays (``dev``, ``worker``, ``api``) is started in the ordinary way.

``python -m tests.docs_blocks.warm SOCKET`` is that process.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs_blocks.pages import ROOT

_COMMAND = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as warm:
    warm.connect({path!r})
    given = {{"arguments": sys.argv[1:], "directory": os.getcwd(), "environment": dict(os.environ)}}
    socket.send_fds(warm, [json.dumps(given).encode()], [0, 1, 2])
    sys.exit(int(warm.recv(16) or 70))
"""


@contextmanager
def warm_command(directory: Path) -> Iterator[Path]:
    """A directory with the command, to be put on a PATH."""
    path = directory / "warm.sock"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.docs_blocks.warm", str(path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        command = directory / "bin" / "agno-temporal"
        command.parent.mkdir()
        command.write_text(_COMMAND.format(python=sys.executable, path=str(path)))
        command.chmod(0o755)
        yield command.parent
    finally:
        process.kill()
        process.wait()


def _serve(path: str) -> None:
    import agno_temporal.cli.waiting
    import agno_temporal.client
    import agno_temporal.connect.settings  # noqa: F401

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                _watch(connection)
            connection.close()
            while os.waitpid(-1, os.WNOHANG)[0] if _has_children() else False:
                pass


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _watch(connection: socket.socket) -> None:
    """Fork once more: who runs the command ends with it, and cannot tell its exit code."""
    said, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    child = os.fork()
    if child == 0:
        _run(json.loads(said), streams)
    _, status = os.waitpid(child, 0)
    connection.send(str(os.waitstatus_to_exitcode(status) % 256).encode())
    os._exit(0)


def _run(given: dict[str, object], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(str(given["directory"]))
    os.environ.clear()
    os.environ.update(given["environment"])  # type: ignore[call-overload]
    sys.argv = ["agno-temporal", *given["arguments"]]  # type: ignore[misc]
    sys.modules["__main__"].__package__ = None  # Help would call it "python -m tests...".
    from agno_temporal.cli import main

    try:
        main()
    finally:
        os._exit(70)


if __name__ == "__main__":
    _serve(sys.argv[1])
