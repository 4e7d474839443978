"""Processes of their own: for what a process takes to start, and for the memory that it takes."""

from __future__ import annotations

import subprocess
import sys
import time
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
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
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
