"""What cannot be written to a history, and what is not there yet (docs/differences.md, "Limits")."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import HumanReview, Step
from agno.workflow.types import StepInput, StepOutput, StepProgress
from temporalio.client import Client

from agno_temporal import NotSerialisable
from tests.differential.blocks import flow, says
from tests.differential.oracle import Oracle
from tests.differential.streams import StreamOracle
from tests.support import Bench


async def test_a_result_that_cannot_be_kept_ends_the_run(oracle_with_db: Oracle) -> None:
    """No policy may swallow that: the step has done its work, and its result is lost."""

    def lock(step_input: StepInput) -> StepOutput:
        return StepOutput(content={"lock": threading.Lock()})

    agno, ours = await oracle_with_db.ask(lambda: flow(Step(name="a", executor=lock, skip_on_failure=True)), db=False)
    assert agno.last.status == RunStatus.completed
    assert "step '0' (\"a\") content.lock" in ours.raised


class Scored(StepOutput):
    """Of module level, as a value's class has to be."""


async def test_an_output_of_a_class_of_ones_own_ends_the_run(oracle: Oracle) -> None:
    def score(step_input: StepInput) -> StepOutput:
        return Scored(content="good")

    agno, ours = await oracle.ask(lambda: flow(Step(name="a", executor=score), says("b")), "go")
    assert agno.last.content == "b says"
    assert "is of type Scored" in ours.raised
    assert "put what you add to it into its content" in ours.raised


async def test_a_result_of_more_than_two_megabytes_ends_the_run(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(says("a", "x" * 2_000_000, human_review=HumanReview())))
    assert agno.last.status == RunStatus.completed
    assert "returned 2.0 MB" in ours.raised


@pytest.mark.parametrize("option", ["websocket"])
async def test_an_option_that_is_not_supported_yet_is_refused(bench: Bench, option: str) -> None:
    workflow = flow(says("a"))
    options: dict[str, Any] = {option: True}
    with pytest.raises(NotImplementedError, match=option):
        await bench.durable(workflow).arun("go", **options)


async def test_an_argument_that_cannot_be_kept_is_refused(bench: Bench) -> None:
    assert (await flow(says("a"), telemetry=False).arun("go", dependencies={"find": print})).content == "a says"
    with pytest.raises(NotSerialisable, match="dependencies"):
        await bench.durable(flow(says("a"))).arun("go", dependencies={"find": print})


async def test_an_event_that_cannot_be_kept_is_not_told(client: Client) -> None:
    def talks(step_input: StepInput) -> Iterator[Any]:
        yield StepProgress(content="half way", data={"lock": threading.Lock()})
        yield "done"

    agno, ours = await StreamOracle(client).ask(lambda: flow(Step(name="a", executor=talks)), "go")
    assert "StepProgress" in [event.event for event in agno.legs[0]]
    assert "StepProgress" not in [event.event for event in ours.legs[0]]
    assert ours.run.content == "done"


async def test_a_function_that_returns_a_pause_ends_the_run(oracle: Oracle) -> None:
    def pauses(step_input: StepInput) -> StepOutput:
        return StepOutput(content="wait", is_paused=True)

    agno, ours = await oracle.ask(lambda: flow(Step(name="a", executor=pauses), says("b")), "go")
    assert agno.last.content == "b says"
    assert ours.last is None or ours.last.status == RunStatus.error
    assert ours.raised is not None
