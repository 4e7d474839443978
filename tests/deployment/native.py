"""The stack of docker-compose.yml without containers: the same commands, environments and health checks, read from it.

    python -m tests.deployment.native        until Ctrl-C; it says where everything is

A PostgreSQL of this machine stands in for its image, with the databases made by the same script, and Temporal's
development server for the clustered one and its tables and UI. The rest is the file's own: where it says `temporal` or
`postgres`, a command here is told this machine's addresses, and each API gets a port of its own.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tests.cli.dev import free_port
from tests.cli.processes import COMMAND, Process
from tests.crash.processes import ServerProcess
from tests.deployment.compose import services
from tests.docs_blocks.pages import ROOT
from tests.postgres import PostgresServer
from tests.support import eventually

STANDS_IN = {
    "schema": "the development server makes its own tables",
    "ui": "the development server has its own",
}
"""What is not started, and why."""


class Native:
    """Everything, once it is started."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.services = services()
        self.processes: dict[str, Process] = {}
        self.ports: dict[str, int] = {}
        self.order: list[str] = []
        self._postgres = PostgresServer()
        self._temporal = ServerProcess(free_port(), directory / "temporal.db")
        self._programs = directory / "bin"
        self._programs.mkdir()
        (self._programs / "agno-temporal").write_text(f"#!/bin/sh\nexec {sys.executable} -c '{COMMAND}' \"$@\"\n")
        (self._programs / "python").symlink_to(sys.executable)
        (self._programs / "agno-temporal").chmod(0o755)

    async def start(self, workers: int = 2, apis: int = 2) -> None:
        """Start it in the file's order; each once what it waits for is healthy, or done."""
        for name in self.services:
            match name:
                case "postgres":
                    await asyncio.to_thread(self._start_postgres)
                case "temporal":
                    await self._temporal.start()
                case "worker":
                    for number in range(1, workers + 1):
                        await self.add("worker", number)
                case "api":
                    for number in range(1, apis + 1):
                        await self.add("api", number)
                case _ if name not in STANDS_IN:
                    await self._to_its_end(name)
            self.order.append(name)

    async def add(self, name: str, number: int) -> Process:
        """One more worker or API, once it is healthy."""
        service, label = self.services[name], f"{name}-{number}"
        command = list(service["command"])
        if "--port" in command:
            self.ports[label] = free_port()
            command[command.index("--port") + 1] = str(self.ports[label])
            command[command.index("--host") + 1] = "127.0.0.1"
        process = Process("-c", COMMAND, *command, directory=ROOT / "deploy" / "app", environment=self._own(service))
        self.processes[label] = process
        await self._healthy(label, service)
        return process

    async def keys(self, *arguments: str) -> str:
        """`agno-temporal keys` in the API's environment: what it prints."""
        environment = {**os.environ, **self._own(self.services["api"])}
        done = await asyncio.to_thread(
            subprocess.run,
            [self._programs / "agno-temporal", "keys", *arguments, "--app", "app.py"],
            cwd=ROOT / "deploy" / "app",
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        self._temporal.kill()
        self._postgres.remove()

    def _start_postgres(self) -> None:
        """With the script that its image runs once, as the image does: by the owner, on the socket."""
        self._postgres.start()
        programs = Path(shutil.which("psql") or self._postgres._programs / "psql").parent
        environment = {**os.environ, **self.services["postgres"]["environment"], "PGHOST": str(self._postgres._home)}
        environment["PATH"] = f"{programs}:{os.environ['PATH']}"
        script = self.services["postgres"]["volumes"][1].partition(":")[0]
        done = subprocess.run(["sh", ROOT / script], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    async def _to_its_end(self, name: str) -> None:
        service = self.services[name]
        mounted = dict(volume.split(":")[1::-1] for volume in service["volumes"])
        command = [mounted.get(word, word) for word in service["entrypoint"]]
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, env={**os.environ, **self._own(service)}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    async def _healthy(self, label: str, service: Mapping[str, Any]) -> None:
        """By its own health check."""
        kind, *command = service["healthcheck"]["test"]
        assert kind == "CMD"
        command = [re.sub(r"\b7777\b", str(self.ports.get(label)), word) for word in command]
        environment = {**os.environ, **self._own(service), "HOSTNAME": socket.gethostname()}  # As in a container.

        async def healthy() -> bool:
            assert self.processes[label].is_alive, self.processes[label].said
            done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True)
            return done.returncode == 0

        await eventually(f"{label} to be healthy", healthy)

    def _own(self, service: Mapping[str, Any]) -> dict[str, str]:
        """A service's environment, with this machine's addresses."""
        own = {name: self._here(str(value)) for name, value in service["environment"].items()}
        return {**own, "PATH": f"{self._programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "COLUMNS": "80"}

    def _here(self, value: str) -> str:
        value = value.replace("temporal:7233", self._temporal.address)
        return value.replace("@postgres:5432/agno", f"@/agno?host={self._postgres._home}")


async def main() -> None:
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        native = Native(directory)
        stack.callback(native.stop)
        await native.start()
        key = await native.keys("create", "me", "--scope", "admin")
        for name, port in native.ports.items():
            print(f"{name}: http://127.0.0.1:{port}/v1 with the key {key}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
