"""A command whose Temporal is away for some seconds: it goes on, and prints what it was asked for and nothing else."""

from __future__ import annotations

import asyncio
import json

import pytest
from agno.workflow import Step, StepInput, StepOutput, Workflow

from tests.cli.conftest import Cli
from tests.cli.test_streams import shell
from tests.support import Bench, eventually


class Line:
    """What stands between a command and Temporal, and can be cut."""

    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.rpartition(":")
        self._open: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self.passed = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(self._host, int(self._port))
        self._open |= {writer, far_writer}
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer), return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65536):
            self.passed += 1
            writer.write(part)
            await writer.drain()

    async def cut(self, seconds: float) -> None:
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(seconds)
        self._is_cut = False


@pytest.mark.slow
@pytest.mark.parametrize("parts", [8, 26, 34])
async def test_json_is_one_document_whatever_was_repeated_for_it(cli: Cli, bench: Bench, server: str, parts: int):
    """Whether it is cut off before its first answer, or while it waits for the next event."""
    may_end = asyncio.Event()

    async def hold(step_input: StepInput) -> StepOutput:
        await may_end.wait()
        return StepOutput(content="held")

    line, held = Line(server), Workflow(name="held", steps=[Step(name="hold", executor=hold)])
    async with bench.worker(held), await asyncio.start_server(line, "127.0.0.1", 0) as listening:
        cli.environment["TEMPORAL_ADDRESS"] = "127.0.0.1:{1}".format(*listening.sockets[0].getsockname())
        run_id = await bench.start(held, "v2")
        watching = asyncio.create_task(shell(cli, f"agno-temporal watch {run_id} --json"))
        await eventually("the command to look at the run", lambda: asyncio.sleep(0.02, line.passed > parts))
        await line.cut(2)
        may_end.set()
        done = await watching
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["content"] == "held"
    assert b"gRPC call" in done.stderr
