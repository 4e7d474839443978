"""The worker process: what it runs, how it stops, and what it says when it cannot start."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agno_temporal import AgnoPlugin
from agno_temporal.contract.request import RunRequest
from agno_temporal.worker import WorkerFailed, working
from tests.cli.processes import Process
from tests.support import PATIENCE, Bench, eventually

APP = '''
import time
from pathlib import Path

from agno.workflow import HumanReview, Step, Workflow


def hold(step_input):
    """Runs until the test lets it go on."""
    Path("begun").touch()
    while not Path("go-on").exists():
        time.sleep(0.02)
    return "held"


def raises(step_input):
    raise ValueError("no such release")


held = Workflow(name="held", steps=[Step(name="hold", executor=hold)])
broken = Workflow(name="broken", steps=[Step(name="fetch", executor=raises, max_retries=0)])
review = HumanReview(requires_confirmation=True, on_timeout="aprove")
misspelt = [Workflow(name="misspelt", steps=[Step(name="one", executor=hold, human_review=review)])]
'''

Start = Callable[..., Process]


@pytest.fixture
async def start(tmp_path: Path, server: str, bench: Bench) -> AsyncIterator[Start]:
    """Starts `python -m agno_temporal.worker` in a directory with ``app.py``."""
    (tmp_path / "app.py").write_text(APP)
    settings = {"TEMPORAL_ADDRESS": server, "AGNO_TEMPORAL_TASK_QUEUE": bench.task_queue}
    started: list[Process] = []

    def start(*arguments: str) -> Process:
        process = Process("-m", "agno_temporal.worker", *arguments, directory=tmp_path, environment=settings)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


async def begun(bench: Bench, directory: Path) -> str:
    """A run of ``held`` whose step is at work."""
    run_id = f"{bench.task_queue}-1"
    await bench.runs.start("held", RunRequest(input="x"), run_id)

    async def at_work() -> bool:
        return (directory / "begun").exists()

    await eventually("the step to begin", at_work)
    return run_id


async def test_it_says_when_it_is_ready_for_what_and_where(start: Start, bench: Bench):
    worker = start("app:held")
    await worker.says(f"ready: held on task queue '{bench.task_queue}'")


async def test_a_step_in_flight_at_sigterm_is_finished_and_recorded(start: Start, bench: Bench, tmp_path: Path):
    worker = start("app:held")
    run_id = await begun(bench, tmp_path)
    worker.signal(signal.SIGTERM)
    await worker.says("stopping: steps in flight have 10 s")
    (tmp_path / "go-on").touch()
    assert await worker.ended() == 0
    history = await bench.client.get_workflow_handle(run_id).fetch_history()
    assert [event for event in history.events if event.HasField("activity_task_completed_event_attributes")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once(start: Start, bench: Bench, tmp_path: Path, number: int):
    worker = start("app:held")
    await begun(bench, tmp_path)
    worker.signal(number)
    await worker.says("stopping")
    worker.signal(number)
    assert await worker.ended() == 128 + number


async def test_told_to_stop_while_a_server_takes_its_call_and_says_nothing_it_ends_at_once(start: Start):
    called = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        worker = start("app:held", "--address", f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await asyncio.wait_for(called.wait(), PATIENCE)
        worker.signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.ended(), 5) == 0
    assert "Error" not in worker.said


async def test_a_step_that_does_not_end_keeps_no_worker_alive(start: Start, bench: Bench, tmp_path: Path):
    (tmp_path / "impatient.py").write_text(
        "import agno_temporal.worker as it\nfrom datetime import timedelta\nit.GRACE = timedelta(seconds=0.1)\n"
        "it.leave(it.main(['app:held']))\n"
    )
    settings = {"TEMPORAL_ADDRESS": bench.client.service_client.config.target_host}
    settings["AGNO_TEMPORAL_TASK_QUEUE"] = bench.task_queue
    worker = Process("impatient.py", directory=tmp_path, environment=settings)
    try:
        await begun(bench, tmp_path)
        worker.signal(signal.SIGTERM)
        assert await worker.ended() == 0
    finally:
        worker.kill()


async def test_a_step_s_error_is_logged_with_the_user_s_own_frames_only(start: Start, bench: Bench, tmp_path: Path):
    worker = start("app:broken")
    await bench.runs.start("broken", RunRequest(input="x"), f"{bench.task_queue}-1")
    await worker.says("ValueError: no such release")
    trace = worker.said.partition("Traceback")[2]
    assert f'File "{tmp_path}/app.py"' in trace
    assert "agno_temporal/" not in trace


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        pytest.param(["nowhere:flow"], 2, "There is no module 'nowhere'", id="no-module"),
        pytest.param(["app:flow"], 2, "has no 'flow'. Its workflows are: held, broken.", id="no-object"),
        pytest.param(["app:misspelt"], 2, 'on_timeout="aprove" is not one of', id="plan-error"),
        pytest.param(["app:held", "--address", "127.0.0.1:1"], 3, "No Temporal server answers at", id="no-server"),
        pytest.param(["app:held", "--namespace", "moon"], 3, "has no namespace 'moon'", id="no-namespace"),
        pytest.param(["app:held", "--profile", "moon"], 2, "Profile 'moon' not found", id="no-profile"),
        pytest.param(["app:held", "--max-concurrent-steps", "0"], 2, "0 is not at least 1", id="no-steps"),
    ],
)
async def test_what_keeps_it_from_starting_is_said_without_a_traceback(start: Start, arguments, code, why):
    worker = start(*arguments)
    assert await worker.ended() == code
    assert why in worker.said
    assert "Traceback" not in worker.said


async def test_what_a_block_beside_it_raises_is_no_failure_of_the_worker(bench: Bench):
    with pytest.raises(RuntimeError, match="out of honey") as raised:
        async with working(bench.client, AgnoPlugin([]), bench.task_queue):
            raise RuntimeError("out of honey")
    assert not isinstance(raised.value, WorkerFailed)
