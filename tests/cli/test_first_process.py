"""A command that is the first process of its container ends at SIGTERM while its app is loaded, as it does anywhere."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.processes import COMMAND, Process, children_of
from tests.support import eventually

SLOW = """
import time
from pathlib import Path

Path("begun").touch()
time.sleep(60)
"""

CONTAINER = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")

FIRST_HERE = "import os; os.getpid = lambda: 1; "
"""What tells a command that it is the first process, where there can be no container."""

Begin = Callable[..., Process]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begins a process in a directory with an app that takes its time to load."""
    (tmp_path / "app.py").write_text(SLOW)
    begun: list[Process] = []

    def begin(*arguments: str) -> Process:
        begun.append(Process(*arguments, directory=tmp_path))
        return begun[-1]

    yield begin
    for one in begun:
        one.kill()


async def loading(directory: Path) -> None:
    async def is_loading() -> bool:
        return (directory / "begun").exists()

    await eventually("the app to be loaded", is_loading)


@pytest.fixture
def container(begin: Begin) -> Begin:
    """Begins a process as the first one of a PID namespace."""
    if shutil.which(CONTAINER[0]) is None or subprocess.run([*CONTAINER, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody make a PID namespace")
    inside = f"import os, sys; os.execvp({CONTAINER[0]!r}, [*{CONTAINER!r}, sys.executable, *sys.argv[1:]])"
    return lambda *arguments: begin("-c", inside, *arguments)


def first_in(container: Process) -> int:
    [child] = children_of(container)
    return child


@pytest.mark.parametrize("command", ["worker", "api"])
async def test_in_a_container_it_ends_at_once(container: Begin, tmp_path: Path, command: str) -> None:
    process = container("-c", COMMAND, command, "app.py")
    await loading(tmp_path)
    os.kill(first_in(process), signal.SIGTERM)

    assert await process.ended() == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    "arguments",
    [("-c", FIRST_HERE + COMMAND, "api"), ("-c", FIRST_HERE + "from agno_temporal.worker import main; main()")],
    ids=["agno-temporal", "python -m agno_temporal.worker"],
)
async def test_each_way_to_begin_one_has_a_handler_first(
    begin: Begin, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    process = begin(*arguments, "app.py")
    await loading(tmp_path)
    process.signal(signal.SIGTERM)

    assert await process.ended() == 128 + signal.SIGTERM


async def test_elsewhere_it_is_the_signal_that_ends_it(begin: Begin, tmp_path: Path) -> None:
    process = begin("-c", COMMAND, "worker", "app.py")
    await loading(tmp_path)
    process.signal(signal.SIGTERM)

    assert await process.ended() == -signal.SIGTERM
