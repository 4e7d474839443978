"""A page's shell: a directory of its own with the page's files, and what its commands exported and defined.

Pages name the ports that everybody has, and several pages run at once. So where a page says 7233 or 7777, its shell
says a port that is free, and what is printed is read with the page's numbers again.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.docs_blocks.masks import difference
from tests.docs_blocks.pages import ROOT, Block
from tests.support import PATIENCE

READY = {
    "agno-temporal dev": "Ctrl-C stops it",
    "agno-temporal worker": "ready: ",
    "agno-temporal api": "The API is at",
    "temporal server": "Server:",
}
"""What a command says that stays, once it serves."""

PORTS = (7233, 7777)

_DEFAULTS = {"agno-temporal dev": ("--port 7233", "--api-port 7777"), "agno-temporal api": ("--port 7777",)}
"""The options that say what a command takes by itself: it is told so where a page leaves them out."""


class Shell:
    """Runs a page's commands one after another, by bash."""

    def __init__(self, directory: Path, warm: Callable[[], Path]) -> None:
        self.directory = directory
        self.printed = ""
        self._ports = {port: _free_port() for port in PORTS}
        self._state = directory.parent / f"{directory.name}.environment"
        self._log = directory.parent / f"{directory.name}.log"
        self._staying: dict[str, subprocess.Popen[bytes]] = {}
        own = Path(sys.executable).parent
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "AGNO_"))},
            "PATH": f"{own}:{os.environ['PATH']}",
            "COLUMNS": "80",
            "LOGNAME": "ana",
            "AGNO_TELEMETRY": "false",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self._ports[7233]}",
        }
        self._warm = warm

    def run(self, block: Block) -> None:
        """
        Raises:
            AssertionError: A command fails, or prints what the page does not show.
        """
        if "stays" in block.mark:
            self._start(block)
            return
        commands = [(block.text, None)] if block.language == "sh" else _shown(block)
        for number, (command, shown) in enumerate(commands, 1):
            wanted = int(block.mark.get("exit", 0)) if number == len(commands) else 0
            code = self._bash(command)
            assert code == wanted, f"{block.place}: {command!r} ended with {code}:\n{self.printed}\n{self._said()}"
            if shown is not None:
                differs = difference(shown, self.printed)
                assert differs is None, f"{block.place}: {command!r}: {differs}\n{self.printed}"

    def stop(self) -> None:
        for process in self._staying.values():
            _stop(process)

    def _bash(self, command: str) -> int:
        """Run it, with what earlier commands exported and defined, and keep what it printed."""
        script = f'[ ! -e "{self._state}" ] || . "{self._state}"\nset -e\n{self._real(command)}\n'
        script += f'{{ export -p; declare -f; }} > "{self._state}"\n'
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self._with_warm(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE * 2,
            text=True,
            check=False,
        )
        self.printed = self._as_written(done.stdout)
        return done.returncode

    def _start(self, block: Block) -> None:
        """Start a command that stays, and wait until it serves."""
        command = block.text.removeprefix("$ ").strip()
        if (before := self._staying.pop(command, None)) is not None:
            _stop(before)
        with self._log.open("ab") as log:
            began = log.tell()
            script = f'[ ! -e "{self._state}" ] || . "{self._state}"\n'
            self._staying[command] = process = subprocess.Popen(
                ["bash", "-c", f"{script}exec {self._real(command)}"],
                cwd=self.directory,
                env=self._with_warm(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        ready = next(said for start, said in READY.items() if command.startswith(start))
        while ready not in self._log.read_text()[began:]:
            over = process.poll() is not None or time.monotonic() > deadline
            assert not over, f"{block.place}: it does not serve:\n{self._said()}"
            time.sleep(0.05)

    def _with_warm(self) -> dict[str, str]:
        return {**self._environment, "PATH": f"{self._warm()}:{self._environment['PATH']}"}

    def _real(self, command: str) -> str:
        """The command with this shell's ports."""
        for start, options in _DEFAULTS.items():
            if command.startswith(start):
                command += "".join(f" {option}" for option in options if f"{option.split()[0]} " not in command)
        for port, free in self._ports.items():
            command = re.sub(rf"\b{port}\b", str(free), command)
        return command

    def _as_written(self, text: str) -> str:
        for port, free in self._ports.items():
            text = text.replace(str(free), str(port))
        return text

    def _said(self) -> str:
        return self._log.read_text()[-3000:] if self._log.exists() else ""


def _shown(block: Block) -> list[tuple[str, str | None]]:
    """The commands of a console, each with what it prints."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"{block.place}: a console begins with a command, after '$ '"
    commands = []
    for part in parts[1:]:
        lines = part.splitlines()
        end = next(index for index, line in enumerate(lines) if not line.endswith("\\")) + 1
        commands.append(("\n".join(lines[:end]), "\n".join(lines[end:])))
    return commands


def _stop(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does; what does not end then is killed, with its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
