"""What a run does is the same whether somebody watches it or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from agno.agent import Agent
from agno.models.message import Message
from agno.models.response import ModelResponse
from agno.workflow import Condition, HumanReview, Step, Workflow
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, RunError
from tests.differential.blocks import agent, fails, flow, says, team, tells
from tests.differential.comparable import comparable, differences
from tests.differential.models import BrokenModel
from tests.differential.oracle import AT_ONCE
from tests.differential.test_streams import generator
from tests.support import Bench


class Unreachable(BrokenModel):
    """A model that is not reached by a stream either."""

    def invoke_stream(self, messages: list[Message], **_: Any) -> Iterator[ModelResponse]:
        raise ConnectionError("no such model")


def broken(**review: Any) -> Workflow:
    ann = Agent(name="Ann", model=Unreachable(), telemetry=False)
    return flow(Step(name="asks", agent=ann, max_retries=1, human_review=HumanReview(**review)), tells())


WORKFLOWS = {
    "agents and teams": lambda: flow(says("a"), agent("Ann"), team("Crew"), tells()),
    "a generator": lambda: flow(Step(name="g", executor=generator), tells()),
    "a model that is not reached": broken,
    "a model that is not reached, which ends the run": lambda: broken(on_error="fail"),
    "an unmet condition": lambda: flow(Condition(name="box", evaluator=False, steps=[says("a")]), tells()),
    "a failure": lambda: flow(fails("f", max_retries=1), tells()),
}


@pytest.mark.parametrize("make", WORKFLOWS.values(), ids=WORKFLOWS)
async def test_a_run_is_the_same_streamed_or_not(bench: Bench, make: Any) -> None:
    runs = []
    for streamed in (False, True):
        workflow, run_id = make(), f"{bench.task_queue}-{streamed}"
        plugin = AgnoPlugin([workflow], options=AT_ONCE)
        async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin]):
            durable = bench.durable(workflow)
            with suppress(RunError):
                answer = durable.arun("go", run_id=run_id, session_id="s", stream=streamed, stream_events=streamed)
                _ = [event async for event in answer] if streamed else await answer
            runs.append(await durable.aget_run_output(run_id))
    runs[1].run_id = runs[0].run_id
    found = [one for one in differences(comparable(runs[0]), comparable(runs[1]), "run") if not _follows(one.where)]
    assert not found, "\n".join(map(str, found))


def _follows(where: str) -> bool:
    """The run's id, which differs, in what its agents know; and what agno's own agents measure, or leave unset, only
    where they stream."""
    return where.endswith(("current_run_id", "time_to_first_token", "parent_run_id", ".metrics.details", "].tools"))


async def test_a_model_that_is_not_reached_is_told_as_agno_tells_it(bench: Bench) -> None:
    workflow = broken()
    async with bench.worker(workflow):
        stream = bench.durable(workflow).arun("go", stream=True, stream_events=True)
        names = [event.event async for event in stream]
    assert names[:4] == ["WorkflowStarted", "StepStarted", "RunStarted", "ModelRequestStarted"]
    assert names[4:6] == ["RunError", "StepCompleted"]
