"""`agno-temporal dev` in a directory of its own, on a free port."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from temporalio.client import Client

from agno_temporal import RunClient
from agno_temporal.contract.request import RunRequest
from tests.cli.processes import Process
from tests.ports import lasting_port
from tests.support import eventually

APP = """
import time
from pathlib import Path

from agno.workflow import HumanReview, Step, Workflow


def hold(step_input):
    with Path("begun").open("a") as begun:
        begun.write("once ")
    while not Path("go-on").exists():
        time.sleep(0.02)
    return "held"


def late(step_input):
    import helper

    return helper.WORD


held = Workflow(name="held", steps=[Step(name="hold", executor=hold)])
gated = Workflow(
    name="gated",
    steps=[Step(name="gate", executor=late, human_review=HumanReview(requires_confirmation=True))],
)
"""


class Dev:
    """Starts it, also a second time."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port, self.api_port = free_port(), free_port()
        self._started: list[Process] = []
        (directory / "app.py").write_text(APP)
        (directory / "helper.py").write_text("WORD = 'old'")

    def start(self, app: str = "app.py", environment: Mapping[str, str] | None = None) -> Process:
        ports = ("--port", str(self.port), "--api-port", str(self.api_port), "--no-ui")
        process = Process.command("dev", app, *ports, directory=self.directory, environment=environment)
        self._started.append(process)
        return process

    async def ready(self, environment: Mapping[str, str] | None = None) -> Process:
        process = self.start(environment=environment)
        await process.says("Ctrl-C stops it.")
        return process

    async def command(self, *arguments: str) -> str:
        """What a command says that succeeds against it."""
        where = {"TEMPORAL_ADDRESS": f"127.0.0.1:{self.port}"}
        process = Process.command(*arguments, directory=self.directory, environment=where)
        assert await process.ended() == 0, process.said
        return process.said

    async def runs(self) -> RunClient:
        return RunClient(await Client.connect(f"127.0.0.1:{self.port}"))

    async def step_at_work(self) -> None:
        """Start a run ``r-1`` whose step runs until there is a file ``go-on``."""
        await (await self.runs()).start("held", RunRequest(), "r-1")

        async def at_work() -> bool:
            return (self.directory / "begun").exists()

        await eventually("the step to begin", at_work)

    @property
    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    async def stop(self) -> None:
        for process in self._started:
            await process.stop()


def free_port() -> int:
    """It stays so until somebody listens there: no outgoing connection is given it."""
    return lasting_port()
