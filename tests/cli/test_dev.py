"""`dev`: a server and a worker in one command, which ends cleanly and keeps its runs."""

from __future__ import annotations

import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agno_temporal.contract.request import RunRequest
from tests.cli.dev import Dev
from tests.support import eventually

pytestmark = pytest.mark.slow


@pytest.fixture
async def dev(tmp_path: Path) -> AsyncIterator[Dev]:
    dev = Dev(tmp_path)
    yield dev
    await dev.stop()


async def test_it_says_where_the_server_is_and_which_commands_to_use(dev: Dev):
    said = (await dev.ready()).said
    assert f"Temporal is at 127.0.0.1:{dev.port}" in said
    assert "Runs are kept in .agno-temporal.db" in said
    assert f"agno-temporal run gated --input TEXT --address 127.0.0.1:{dev.port}" in said


async def test_other_commands_work_against_it(dev: Dev):
    await dev.ready()
    await dev.command("run", "gated", "--run-id", "r-1")
    assert "step 'gate' confirmed by" in await dev.command("confirm", "r-1")


async def test_a_step_in_flight_at_ctrl_c_is_finished_and_not_repeated(dev: Dev):
    first = await dev.ready()
    await dev.step_at_work()
    first.interrupt()
    await first.says("stopping: steps in flight have 10 s")
    (dev.directory / "go-on").touch()
    assert await first.ended() == 0
    assert not dev.listens
    await dev.ready()
    assert (await (await dev.runs()).wait("r-1")).status == "COMPLETED"
    assert (dev.directory / "begun").read_text() == "once "


async def test_a_second_ctrl_c_ends_it_at_once_with_its_server(dev: Dev):
    process = await dev.ready()
    await dev.step_at_work()
    process.interrupt()
    await process.says("stopping")
    process.interrupt()
    assert await process.ended() == 128 + signal.SIGINT

    async def stopped() -> bool:
        return not dev.listens

    await eventually("the server to stop", stopped)


async def test_a_run_that_waits_goes_on_waiting_after_a_restart(dev: Dev):
    first = await dev.ready()
    runs = await dev.runs()
    await runs.start("gated", RunRequest(), "r-1")
    assert (await runs.wait("r-1")).status == "PAUSED"
    first.signal(signal.SIGTERM)
    assert await first.ended() == 0
    await dev.ready()
    assert [asked.requirement.step_name for asked in await (await dev.runs()).requirements("r-1")] == ["gate"]


async def test_a_port_in_use_is_named_with_the_option_that_changes_it(dev: Dev):
    with socket.socket() as other:
        other.bind(("127.0.0.1", dev.port))
        other.listen()
        process = dev.start()
        assert await process.ended() == 2
    assert f"Port {dev.port} is in use" in process.said
    assert "(--port)" in process.said
    assert "Traceback" not in process.said


async def test_an_app_that_cannot_be_loaded_leaves_no_server_behind(dev: Dev):
    process = dev.start("app.py:nothing")
    assert await process.ended() == 2
    assert "Its workflows are: held, gated." in process.said
    assert not dev.listens
