"""`dev`: a server and a worker in one command, which ends cleanly and keeps its runs."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from agno_temporal.contract.request import RunRequest
from tests.cli.dev import APP, Dev, free_port
from tests.cli.processes import children_of, command_of
from tests.support import eventually

pytestmark = pytest.mark.slow

NESTED = """
from agno.workflow import HumanReview, OnError, Step, Workflow

from agno_temporal import DurableWorkflow

inner = Workflow(name="inner", steps=[Step(name="say", executor=lambda given: "from within")])


def ask(step_input):
    return DurableWorkflow(inner).run("x").content


asks = Step(name="ask", executor=ask, max_retries=0, human_review=HumanReview(on_error=OnError.fail))
outer = Workflow(name="outer", steps=[asks])
"""


@pytest.fixture
async def dev(tmp_path: Path) -> AsyncIterator[Dev]:
    dev = Dev(tmp_path)
    yield dev
    await dev.stop()


async def test_it_says_where_everything_is_and_all_of_it_is_there(dev: Dev):
    said = (await dev.ready()).said
    assert f"Temporal is at 127.0.0.1:{dev.port}" in said
    assert "Runs are kept in .agno-temporal.db" in said
    assert f"agno-temporal run gated --input TEXT --address 127.0.0.1:{dev.port}" in said
    api = f"http://127.0.0.1:{dev.api_port}"
    assert f"The API is at {api}/v1" in said
    async with httpx.AsyncClient(base_url=api) as http:
        [*_, curl] = said.partition("curl ")[2].partition("-d '")[2].partition("'")[0:1]
        started = await http.post("/v1/runs", json={**json.loads(curl), "run_id": "r-1"})
    assert started.status_code == 201
    assert "step 'gate' confirmed by" in await dev.command("confirm", "r-1")


ELSEWHERE = {"TEMPORAL_NAMESPACE": "foo", "TEMPORAL_TLS": "true", "TEMPORAL_API_KEY": "secret"}
"""As in the shell of somebody who works with Temporal Cloud."""


@pytest.mark.parametrize("set_for_others", [ELSEWHERE, {"AGNO_TEMPORAL_API_URL": "http://127.0.0.1:1"}])
async def test_where_a_shell_is_set_for_another_server_its_commands_come_here(dev: Dev, set_for_others: dict[str, str]):
    said = (await dev.ready(set_for_others)).said
    assert f"agno-temporal pending --address 127.0.0.1:{dev.port} --namespace default\n" in said


async def test_where_a_shell_is_set_for_another_server_the_app_itself_connects_here(dev: Dev):
    (dev.directory / "app.py").write_text(NESTED)
    await dev.ready(ELSEWHERE)
    runs = await dev.runs()
    await runs.start("outer", RunRequest(), "r-1")
    assert (await runs.wait("r-1")).status == "COMPLETED"
    assert (await runs.run_output("r-1")).content == "from within"


async def test_changed_code_is_loaded_anew_and_open_runs_go_on_there(dev: Dev):
    process = await dev.ready()
    runs = await dev.runs()
    await runs.start("gated", RunRequest(), "r-1")
    assert (await runs.wait("r-1")).status == "PAUSED"
    (dev.directory / "app.py").write_text("def broken(")
    await process.says("Nothing runs now. It is started again when a file changes.")
    (dev.directory / "app.py").write_text(APP.replace("helper.WORD", "'new'"))
    await process.says("Loaded anew: gated, held.")
    await dev.command("confirm", "r-1")
    await runs.wait("r-1")
    assert (await runs.run_output("r-1")).content == "new"


@pytest.mark.parametrize(
    ("death", "how"), [("os._exit(9)", "exit code 9"), ("os.kill(os.getpid(), signal.SIGKILL)", "signal SIGKILL")]
)
async def test_a_worker_that_dies_once_it_was_up_is_started_again_when_a_file_changes(dev: Dev, death: str, how: str):
    (dev.directory / "app.py").write_text(APP.replace("return helper.WORD", f"import os, signal; {death}"))
    process = await dev.ready()
    runs = await dev.runs()
    await runs.start("gated", RunRequest(), "r-1")
    assert (await runs.wait("r-1")).status == "PAUSED"
    await dev.command("confirm", "r-1")
    await process.says(f"Worker and API have ended ({how}). Nothing runs now. It is started again when a file changes.")
    (dev.directory / "app.py").write_text(APP)
    await process.says("Loaded anew: gated, held.")
    await runs.wait("r-1")
    assert (await runs.run_output("r-1")).content == "old"


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


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's children")
async def test_a_second_ctrl_c_ends_at_once_the_worker_that_waits_for_its_steps(dev: Dev):
    process = await dev.ready()
    await dev.step_at_work()
    children = children_of(process)
    process.interrupt()
    await process.says("Beginning worker shutdown, will wait 0:00:10")
    process.interrupt()
    assert await process.ended() == 128 + signal.SIGINT

    async def stopped() -> bool:
        return not any(map(command_of, children))

    await eventually("server, worker and API to stop", stopped, patience=5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's children")
async def test_where_its_server_dies_it_says_so_and_ends_with_3(dev: Dev):
    process = await dev.ready()
    [server] = [child for child in children_of(process) if b"server\0start-dev" in command_of(child)]
    os.kill(server, signal.SIGKILL)
    assert await process.ended() == 3
    said = "Temporal's development server has ended by itself. Runs are kept in .agno-temporal.db"
    assert said in process.said
    assert "Traceback" not in process.said


async def test_killed_without_a_chance_to_clean_up_it_leaves_nothing_behind(dev: Dev):
    process = await dev.ready()
    process.kill()

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
    assert "(--port, and with it another --db)" in process.said
    assert "Traceback" not in process.said


async def test_a_second_one_on_another_port_wants_another_database(dev: Dev):
    await dev.ready()
    dev.port, dev.api_port = free_port(), free_port()
    process = dev.start()
    assert await process.ended() == 2
    assert "A Temporal server uses the database .agno-temporal.db already" in process.said
    assert "choose another file (--db" in process.said
    assert "Traceback" not in process.said


async def test_an_app_that_cannot_be_loaded_leaves_no_server_behind(dev: Dev):
    process = dev.start("app.py:nothing")
    assert await process.ended() == 2
    assert "Its workflows are: held, gated." in process.said
    assert not dev.listens


@pytest.mark.parametrize("name", ["secrets", "select"])
async def test_a_file_beside_the_app_takes_no_library_s_place(dev: Dev, name: str):
    (dev.directory / f"{name}.py").write_text("raise RuntimeError('taken for the library')")
    assert "Workflows: gated, held" in (await dev.ready()).said
