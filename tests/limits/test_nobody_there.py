"""No server, no worker, no port: whoever calls is told what is missing and what to start."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from agno.workflow import Step, Workflow
from temporalio.service import RPCError

from agno_temporal import DurableWorkflow, embedded
from agno_temporal.client import NoWorker, OutcomeUnknown
from agno_temporal.connect.dev_server import CannotStartServer
from agno_temporal.connect.settings import CannotConnect
from agno_temporal.hitl import Action, Decision
from tests.support import Bench

WORKFLOW = Workflow(name="w", steps=[Step(name="a", executor=lambda _: "done")])


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on who is no Temporal server."""
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        yield somebody.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_without_a_server_it_says_where_it_looked_and_how_to_start_one(
    closed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{closed}")
    began = time.monotonic()
    with pytest.raises(CannotConnect) as failed:
        DurableWorkflow(WORKFLOW)
    assert f"127.0.0.1:{closed}" in str(failed.value)
    assert "Start one" in str(failed.value)
    assert time.monotonic() - began < 15


@pytest.mark.slow
def test_a_connected_client_whose_server_is_gone_raises_temporals_own_error() -> None:
    with embedded() as runtime:
        durable = DurableWorkflow(WORKFLOW, client=runtime.client)
    began = time.monotonic()
    with pytest.raises(RPCError):
        durable.run("x")
    assert time.monotonic() - began < 15


def test_a_port_that_is_in_use_is_named(taken: int) -> None:
    with pytest.raises(CannotStartServer, match=rf"[Pp]ort {taken}.* in use"), embedded(port=taken):
        pass


async def test_without_a_worker_a_run_is_kept_and_its_caller_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ten seconds; here after a fraction of one."""
    monkeypatch.setattr("agno_temporal.client.waiting.NO_WORKER_AFTER", 0.3)
    with pytest.raises(NoWorker) as failed:
        await bench.durable(WORKFLOW).arun("x", run_id=f"run-{bench.task_queue}")
    assert f"no worker polls task queue '{bench.task_queue}'" in str(failed.value)
    async with bench.worker(WORKFLOW):
        await bench.ended(f"run-{bench.task_queue}")
    assert (await bench.runs.run_output(f"run-{bench.task_queue}")).content == "done"


async def test_a_slow_worker_is_not_taken_for_none(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agno_temporal.client.waiting.NO_WORKER_AFTER", 0.05)

    def slowly(step_input: object) -> str:
        time.sleep(0.5)
        return "done"

    workflow = Workflow(name="w", steps=[Step(name="a", executor=slowly)])
    async with bench.worker(workflow):
        assert (await bench.durable(workflow).arun("x")).content == "done"


async def test_a_question_to_a_run_without_a_worker_names_the_queue(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agno_temporal.client.reach.ANSWER_TIMEOUT", timedelta(seconds=0.5))
    run_id = await bench.start(WORKFLOW)
    with pytest.raises(NoWorker, match=bench.task_queue):
        await bench.runs.manifest(run_id)


async def test_a_decision_that_no_worker_answers_has_an_unknown_outcome(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agno_temporal.client.reach.ANSWER_TIMEOUT", timedelta(seconds=0.5))
    run_id = await bench.start(WORKFLOW)
    with pytest.raises(OutcomeUnknown, match="send the decision again with the same decision id"):
        await bench.runs.decide(run_id, Decision("r", Action.CONFIRM, decision_id="d"))
