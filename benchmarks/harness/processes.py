"""Processes of their own: for what a process takes to start, and for the memory that it takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE = 4096


def python(*arguments: str) -> float:
    """How long a Python with these arguments takes from its start to its end, in seconds."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


@contextmanager
def running(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A module in a process of its own, for the length of the block. What it prints can be read line by line."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def line(process: subprocess.Popen[str]) -> str:
    """Its next line.

    Raises:
        RuntimeError: It ended without one.
    """
    assert process.stdout is not None
    said = process.stdout.readline()
    if not said:
        raise RuntimeError(f"{process.args!r} ended without a word, with status {process.wait()}")
    return said.strip()


def resident(process: subprocess.Popen[str]) -> int:
    """The bytes of memory that it has."""
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * PAGE


def cpu(pid: int) -> float:
    """The seconds of the CPU that a process has taken, all of its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def nanoseconds_of_threads(pid: int) -> Counter[str]:
    """What the threads that are there have taken of the CPU, by their names."""
    taken: Counter[str] = Counter()
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        taken[name] += int((task / "schedstat").read_text().split()[0])
    return taken


def child(name: str, argument: str) -> int:
    """The process of this name that this one has started with such an argument.

    Raises:
        LookupError: There is none, or more than one.
    """
    found = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _is_child(pid, name, argument)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} processes {name!r} were started by this one with {argument!r}")
    return found[0]


def _is_child(pid: int, name: str, argument: str) -> bool:
    try:
        own, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
        arguments = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return False  # It has ended since.
    return own == name and int(rest.split()[1]) == os.getpid() and argument in arguments
