"""`embedded()`: everything in this process, and nothing left behind.

A server, a worker and their threads that outlive the block would hold the port and the database file, and a script that
failed would never exit. So all of it is taken down, whatever happens inside the block.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Step, Workflow

from agno_temporal import DurableWorkflow, PlanError, StepOptions, embedded
from agno_temporal.client import RunNotFound
from agno_temporal.connect.binary import temporal
from agno_temporal.connect.dev_server import CannotStartServer
from tests.cli.processes import Process
from tests.running.scenes import scene
from tests.support import eventually


def answers(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, int(port))) == 0


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("agno-temporal-embedded")]


KILLED = """
import os, sys
from agno_temporal import embedded

with embedded(database="temporal.db") as runtime:
    print(runtime.client.service_client.config.target_host, flush=True)
    os.kill(os.getpid(), int(sys.argv[1]))
"""


def test_nothing_is_left_behind() -> None:
    with embedded() as runtime:
        address = runtime.client.service_client.config.target_host
        assert answers(address)
    assert not answers(address)
    assert threads() == []


def test_nothing_is_left_behind_when_the_block_raises() -> None:
    addresses = []

    def fails() -> None:
        with embedded() as runtime:
            addresses.append(runtime.client.service_client.config.target_host)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert not answers(addresses[0])
    assert threads() == []


def test_nothing_is_left_behind_when_a_run_still_waits() -> None:
    at = scene(requires_confirmation=True)
    with embedded() as runtime:
        assert runtime.durable(at.workflow).run("x").is_paused
        address = runtime.client.service_client.config.target_host
    assert not answers(address)


def test_nothing_is_left_behind_when_there_is_no_server_to_start() -> None:
    with pytest.raises(CannotStartServer, match="no/such/temporal"), embedded(binary="/no/such/temporal"):
        pass
    assert threads() == []


def test_a_binary_that_cannot_be_executed_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    binary = tmp_path / "temporal"
    binary.write_text("#!/bin/sh\n")
    with pytest.raises(CannotStartServer, match=rf"{binary} cannot be executed: .*chmod"), embedded(binary=binary):
        pass
    assert threads() == []


@pytest.mark.skipif(shutil.which("unshare") is None, reason="a file system is mounted for one process by unshare")
def test_where_temporary_files_cannot_be_executed_their_directory_is_named_and_left_empty(tmp_path: Path) -> None:
    source = "from agno_temporal import embedded\nwith embedded(): pass"
    mounted = 'mount -t tmpfs -o noexec tmpfs "$0" || exit 99; export TMPDIR="$0"; "$1" -c "$2" 2>&1; ls "$0"'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", mounted, str(tmp_path), sys.executable, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    last = done.stdout.splitlines()[-1]
    assert re.search(rf"CannotStartServer: {tmp_path}/\S+ cannot be executed: .* Set TMPDIR", last)


def test_nothing_is_left_behind_when_the_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStartServer, match=str(port)), embedded(port=port):
            pass
    assert threads() == []


def test_an_environment_that_is_not_activated_has_its_server_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with embedded() as runtime:
        assert runtime.durable(scene().workflow).run("x").status is RunStatus.completed


def test_a_run_begins_where_it_is_started() -> None:
    """The server hands its first task over with its answer: nobody has to ask for it."""
    with embedded() as runtime:
        run = runtime.durable(scene().workflow).run("x")
        history = asyncio.run(runtime.client.get_workflow_handle(run.run_id).fetch_history())
    assert history.events[0].workflow_execution_started_event_attributes.eager_execution_accepted


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
async def test_nothing_is_left_behind_when_the_process_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    script = Process("-c", KILLED, str(number.value), directory=tmp_path)
    await script.ended()
    [address] = re.findall(r"^[\d.]+:\d+$", script.said, re.MULTILINE)  # The server may have a word to say beside it.

    async def gone() -> bool:
        return not answers(address)

    await eventually("the server to stop", gone)


def test_outside_of_the_block_it_says_that_it_is_not_running() -> None:
    with embedded() as runtime:
        pass
    with pytest.raises(RuntimeError, match="not running"):
        runtime.durable(scene().workflow)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda durable: durable.run("x"), id="run"),
        pytest.param(lambda durable: list(durable.run("x", stream=True)), id="stream"),
        pytest.param(lambda durable: asyncio.run(durable.arun("x")), id="arun"),
        pytest.param(lambda durable: durable.continue_run(run_id="r"), id="continue"),
        pytest.param(lambda durable: durable.get_run_output("r"), id="get"),
        pytest.param(lambda durable: durable.cancel_run("r"), id="cancel"),
        pytest.param(lambda durable: durable.runs, id="runs"),
    ],
)
def test_outside_of_the_block_what_was_durable_says_so_at_once(call: Callable[[DurableWorkflow], object]) -> None:
    with embedded() as runtime:
        durable = runtime.durable(scene().workflow)
        durable.run("x", run_id="r")
    began = time.monotonic()
    with pytest.raises(RuntimeError, match="not running"):
        call(durable)
    assert time.monotonic() - began < 3  # A client looks for its server for ten seconds.


def test_a_paused_run_outlives_the_process_in_its_database(tmp_path: Path) -> None:
    at = scene(requires_confirmation=True)
    with embedded(database=tmp_path / "temporal.db") as runtime:
        run_id = runtime.durable(at.workflow).run("x", run_id="kept").run_id
    assert at.ran == ["before"]

    with embedded(database=tmp_path / "temporal.db") as runtime:
        durable = runtime.durable(at.workflow)
        run = durable.get_run_output(run_id)
        run.steps_requiring_confirmation[0].confirm()
        run = durable.continue_run(run)

    assert (run.status, at.ran) == (RunStatus.completed, ["before", "gate", "after"])


def test_a_timer_that_fell_due_meanwhile_fires_without_anybody_asking(tmp_path: Path) -> None:
    at = scene(requires_confirmation=True, timeout=1.0, on_timeout="approve")
    with embedded(database=tmp_path / "temporal.db") as runtime:
        run = runtime.durable(at.workflow).run("x", run_id="kept")
        assert run.is_paused

    with embedded([at.workflow], database=tmp_path / "temporal.db") as runtime:
        durable = runtime.durable(at.workflow)

        async def ended() -> WorkflowRunOutput | None:
            run = await durable.aget_run_output("kept")
            return run if run.status == RunStatus.completed else None

        run = asyncio.run(eventually("the run's end", ended))

    assert run.content == "after [gate ran 1]"


def test_a_database_has_one_server_at_a_time(tmp_path: Path) -> None:
    """Two would each take what is the other's, and decisions would get lost."""
    database = tmp_path / "temporal.db"
    with embedded(database=database), pytest.raises(CannotStartServer) as refused, embedded(database=database):
        pass
    assert f"A Temporal server uses the database {database} already" in str(refused.value)
    assert "choose another file (--db, in Python database=)" in str(refused.value)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who has a file open")
def test_the_server_itself_has_its_database_and_is_named(tmp_path: Path) -> None:
    """Not the process that started it, which may be gone before it."""
    database = tmp_path / "temporal.db"
    with embedded(database=database):
        with pytest.raises(CannotStartServer) as refused, embedded(database=database):
            pass
        [process] = re.findall(r"already \(process (\d+)\)", str(refused.value))
        assert str(database) in Path("/proc", process, "cmdline").read_text()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("no/such/temporal.db", "There is no directory"),
        ("directory", "is a directory"),
        ("notes.txt", "is no database of a Temporal server"),
        ("pipe", "is no file"),
        ("/dev/null", "is no file"),
        pytest.param("read-only.db", "cannot be written", marks=pytest.mark.skipif(not os.getuid(), reason="root may")),
    ],
)
def test_what_can_be_no_database_is_refused_before_a_server_is_started(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "notes.txt").write_text("milk, and bread for tomorrow")
    (tmp_path / "read-only.db").touch(0o400)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CannotStartServer, match=why), embedded(database=tmp_path / name):
        pass


def test_without_a_database_nothing_is_kept() -> None:
    at = scene(requires_confirmation=True)
    with embedded() as runtime:
        runtime.durable(at.workflow).run("x", run_id="lost")
    with embedded() as runtime, pytest.raises(RunNotFound):
        runtime.durable(at.workflow).get_run_output("lost")


async def test_it_can_be_used_inside_an_event_loop() -> None:
    at, before = scene(requires_confirmation=True), threads()  # One of another test may be about to end.
    async with embedded() as runtime:
        durable = runtime.durable(at.workflow)
        run = await durable.arun("x")
        run.steps_requiring_confirmation[0].confirm()
        assert (await durable.acontinue_run(run)).status == RunStatus.completed
    assert len(threads()) <= len(before)


async def test_a_notebook_may_call_it_synchronously_on_its_loop() -> None:
    at = scene(requires_confirmation=True)
    with embedded() as runtime:
        durable = runtime.durable(at.workflow)
        run = durable.run("x")
        run.steps_requiring_confirmation[0].confirm()
        assert durable.continue_run(run).status == RunStatus.completed


def test_two_runtimes_do_not_see_each_other_s_runs() -> None:
    at = scene(requires_confirmation=True)
    with embedded() as one, embedded() as other:
        one.durable(at.workflow).run("x", run_id="mine")
        with pytest.raises(RunNotFound):
            other.durable(at.workflow).get_run_output("mine")


def test_a_workflow_that_was_written_anew_is_run_as_it_is_now() -> None:
    """As in a notebook, where a cell is mended and run again. The plan names the function, and the name is the same."""

    def written(text: str) -> Workflow:
        return Workflow(name="again", steps=[Step(name="only", executor=lambda _: text)])

    with embedded() as runtime:
        runtime.durable(written("old")).run("x")
        assert runtime.durable(written("new")).run("x").content == "new"


def test_the_handle_of_one_whose_place_was_taken_starts_no_run() -> None:
    """Of a function that makes a workflow for each customer: the second one's would run for the first one."""

    def report(customer: str) -> Workflow:
        return Workflow(name="report", steps=[Step(name="only", executor=lambda _: f"of {customer}")])

    with embedded() as runtime:
        acme, bank = (runtime.durable(report(customer)) for customer in ("acme", "bank"))
        with pytest.raises(PlanError, match="another workflow of this id was registered here since"):
            acme.run("x")
        assert bank.run("x").content == "of bank"


@pytest.mark.parametrize(("database", "level"), [(None, "never"), ("runs.db", "error")])
def test_only_a_server_with_a_file_has_errors_to_tell_of(tmp_path: Path, database: str | None, level: str) -> None:
    asked = tmp_path / "asked"
    binary = tmp_path / "temporal"
    binary.write_text(f'#!/bin/sh\necho "$@" > {asked}\nexec {temporal()} "$@"\n')
    binary.chmod(0o700)
    with embedded(binary=binary, database=database and tmp_path / database):
        assert f"--log-level {level} " in asked.read_text()


async def test_one_that_is_cancelled_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    database = tmp_path / "temporal.db"

    async def use() -> None:
        async with embedded(database=database):
            raise AssertionError("it was to be cancelled before")

    using = asyncio.create_task(use())
    await eventually("it to start", lambda: asyncio.sleep(0.01, bool(threads())))
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert threads() == []
    async with embedded(database=database) as runtime:  # The file is nobody's.
        assert runtime.client


def test_a_durable_workflow_is_made_durable_again_as_it_is() -> None:
    workflow = Workflow(name="held", steps=[Step(name="hold", executor=lambda _: "held")])
    with embedded() as runtime:
        durable = runtime.durable(runtime.durable(workflow))
        assert durable.run("x").content == "held"


async def test_the_plugins_options_are_given_to_it() -> None:
    workflow = Workflow(name="held", steps=[Step(name="hold", executor=lambda _: "held")])
    async with embedded(options=StepOptions(start_to_close_timeout=7)) as runtime:
        durable = runtime.durable(workflow)
        run = await durable.arun("x")
        history = await runtime.client.get_workflow_handle(run.run_id).fetch_history()
    [scheduled] = [e for e in history.events if e.HasField("activity_task_scheduled_event_attributes")]
    assert scheduled.activity_task_scheduled_event_attributes.start_to_close_timeout.seconds == 7
