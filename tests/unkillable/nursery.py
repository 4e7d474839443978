"""Workers and APIs that are born quickly, to die young.

A process of ours takes two seconds to import what it needs, and a sweep starts thousands. So one process imports
everything, connects to nothing, and forks: Temporal's client has threads of its own once it is connected, which a fork
would lose. What is forked is the product's own worker or API, from its first connection on.

    python -m tests.unkillable.nursery

Each line that comes in is an order: to fork, answered by the child's id, or to wait for one that was killed. At the
end of the input the children are killed too.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import traceback
from dataclasses import asdict, dataclass, replace
from typing import Any

from agno.db.sqlite import SqliteDb
from temporalio.client import Client

from agno_temporal import AgnoPlugin, StepOptions
from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.api.serving import serve
from agno_temporal.worker import log_to_stderr, working
from tests.crash.processes import ROOT
from tests.unkillable.workflows import DIRECTORY, SUBJECTS, workflows

STEPS = StepOptions(heartbeat_timeout=2.0)
"""A step whose worker died is tried again after so long: the one setting that is not the default."""


@dataclass(frozen=True)
class Birth:
    """What a child is to be: "worker" or "api". Runs that a worker opens go on anew after so many events."""

    kind: str
    address: str
    queue: str
    directory: str
    port: int
    continue_after: int | None = None


async def connected(address: str) -> Client:
    """As soon as the server answers: it may be starting too."""
    while True:
        try:
            return await Client.connect(address)
        except RuntimeError:
            await asyncio.sleep(0.05)


async def live(birth: Birth) -> None:
    client = await connected(birth.address)
    os.environ[DIRECTORY] = birth.directory
    subjects = workflows(SqliteDb(db_file=f"{birth.directory}/agno.db"))
    match birth.kind:
        case "worker":
            plugin = AgnoPlugin(options=STEPS, continue_after=birth.continue_after)
            for one in subjects:
                plugin.registry.add(one, options=replace(STEPS, quick=SUBJECTS[str(one.name)].quick))
            async with working(client, plugin, birth.queue):
                await asyncio.Event().wait()
        case "api":
            await serve(create_app(new_service(subjects, client, task_queue=birth.queue)), port=birth.port)
        case other:
            raise ValueError(f"nobody is born as {other!r}")


def born(birth: Birth) -> int:
    """The id of a child that lives by itself."""
    child = os.fork()
    if child:
        return child
    try:
        log = os.open(f"{birth.directory}/log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for mine, inherited in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(mine, inherited)
        log_to_stderr()
        asyncio.run(live(birth))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def main() -> None:
    children: set[int] = set()
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        if "buried" in order:
            os.waitpid(order["buried"], 0)
            children.discard(order["buried"])
            print("buried", flush=True)
        else:
            child = born(Birth(**order))
            children.add(child)
            print(child, flush=True)
    for child in children:
        os.kill(child, signal.SIGKILL)


class Nursery:
    """The process, from the tests' side."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.unkillable.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "AGNO_TELEMETRY": "false"},
        )

    def bear(self, birth: Birth) -> int:
        return int(self._order(asdict(birth)))

    def bury(self, child: int) -> None:
        """Wait until a child that was killed is gone."""
        self._order({"buried": child})

    def close(self) -> None:
        self._process.communicate()

    def _order(self, order: dict[str, Any]) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        answer = stdout.readline()
        assert answer, "the nursery is gone"
        return answer.strip()


if __name__ == "__main__":
    main()
