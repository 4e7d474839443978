"""A worker that is killed in the middle of telling: nothing is lost, and nothing gets another id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agno_temporal import StepOptions
from agno_temporal.webhooks import FILE_VARIABLE
from tests.crash.processes import WorkerProcess
from tests.support import Bench, eventually
from tests.webhooks.killed import quick
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import confirm, gated, telling

pytestmark = pytest.mark.slow


@pytest.fixture
def process(
    bench: Bench, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., WorkerProcess]]:
    """Makes worker processes on the test's queue, which tell the receiver."""
    file = tmp_path / "webhooks.toml"
    file.write_text(
        f"""
        delays = [0.1]
        [endpoints.ops]
        url = "http://127.0.0.1:{receiver.port}/hooks"
        secret = "{receiver.secret}"
        allow_networks = ["127.0.0.0/8"]
        allow_http = true
        """
    )
    monkeypatch.setenv(FILE_VARIABLE, str(file))
    made: list[WorkerProcess] = []

    def make(plugin: str = "telling") -> WorkerProcess:
        address = bench.client.service_client.config.target_host
        made.append(WorkerProcess(address, bench.task_queue, f"tests.webhooks.killed:{plugin}"))
        return made[-1]

    yield make
    for one in made:
        one.kill()


async def test_what_was_being_sent_is_sent_again_under_its_id(
    bench: Bench, receiver: Receiver, process: Callable[..., WorkerProcess]
) -> None:
    receiver.may_answer.clear()
    first, second = process(), process()
    await first.start()
    run_id = await bench.start(gated(), "x")
    await receiver.tried()
    first.kill()
    receiver.may_answer.set()
    await second.start()
    await confirm(bench, run_id)
    await bench.ended(run_id)
    await receiver.has("requirement.opened", "requirement.decided", "run.finished")
    await receiver.tried(4)
    assert len(set(receiver.attempts)) == 3
    assert receiver.attempts.count(receiver.attempts[0]) == 2


async def test_killed_at_any_moment_of_a_decision_each_fact_arrives(
    bench: Bench, receiver: Receiver, process: Callable[..., WorkerProcess]
) -> None:
    workers = [process() for _ in range(3)]
    runs = [await bench.start(gated(), "x") for _ in range(4)]
    await workers[0].start()
    for index, run_id in enumerate(runs):
        await confirm(bench, run_id)
        if index % 2 == 0:
            workers[index // 2].kill()
            await workers[index // 2 + 1].start()
    for run_id in runs:
        await bench.ended(run_id)

    async def told() -> bool:
        return {(one.data["run_id"], one.type) for one in receiver.taken} == {
            (run_id, f) for run_id in runs for f in ("requirement.opened", "requirement.decided", "run.finished")
        }

    await eventually("three facts of each run", told)
    assert len({one.id for one in receiver.taken}) == 12


async def test_killed_right_behind_the_end_of_quick_steps_what_was_told_is_how_the_run_ended(
    bench: Bench, receiver: Receiver, process: Callable[..., WorkerProcess]
) -> None:
    """Its steps would not do today what they did in the worker that died."""

    def fails(given: object) -> str:
        raise ValueError("the service is down now")

    dying = await process("dying").start()
    run_id = await bench.start(quick(fails))
    await eventually("the worker to die", lambda: _is_dead(dying))
    async with bench.worker(quick(fails), steps=StepOptions(quick=True), webhooks=telling(receiver)):
        run = await bench.ended(run_id)
        await receiver.has("run.finished")
    assert [one.data["status"] for one in receiver.taken] == [run.status] == ["COMPLETED"]


async def _is_dead(process: WorkerProcess) -> bool:
    return not process.is_alive
