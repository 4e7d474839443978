"""An agent that fails after its pause: tried again from the run as it paused, and shown as what it is.

agno has no retries there, shows the text of the pause for the output, and with streaming swallows the error (D24).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from agno.agent import Agent
from agno.workflow import Condition, Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, StepOptions
from agno_temporal.hitl import Action, Decision, Kind
from tests.running.executor_scenes import DROP, allowed
from tests.running.tools import replays
from tests.support import Bench
from tests.tool_script import ToolScript, caller, drop


class Unplugged(ToolScript):
    """A model that is gone once it is to say something about a tool's result."""

    def invoke(self, messages: Any, **_: Any) -> Any:
        if messages[-1].role == "tool":
            raise ConnectionError("no such model")
        return super().invoke(messages)


class Flaky(Agent):
    """An agent whose own code raises when it goes on, the first `times` times."""

    def __init__(self, times: int, **options: Any) -> None:
        super().__init__(**options)
        self.times = times
        self.attempts = 0

    async def acontinue_run(self, *args: Any, **options: Any) -> Any:  # type: ignore[override]
        self.attempts += 1
        if self.attempts <= self.times:
            raise ValueError(f"attempt {self.attempts}")
        return await super().acontinue_run(*args, **options)


def flaky(times: int) -> Flaky:
    return Flaky(times, name="Ops", model=ToolScript(id="Ops", turns=[[DROP]]), tools=[drop], telemetry=False)


async def answered_run(bench: Bench, workflow: Workflow) -> Any:
    plugin = AgnoPlugin([workflow], options=StepOptions(retry_initial_interval=0.001))
    async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin]):
        run_id = await bench.start(workflow, "go")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(asked))
        await bench.ended(run_id)
        return await bench.runs.run_output(run_id)


async def test_its_own_failures_are_tried_again_as_often_as_the_step_says(bench: Bench) -> None:
    agent = flaky(2)
    run = await answered_run(bench, Workflow(name="flaky", steps=[Step(name="ops", agent=agent, max_retries=2)]))
    assert (agent.attempts, run.content) == (3, "got dropped users")


@pytest.mark.parametrize(("on_error", "status"), [("skip", "COMPLETED"), ("fail", "ERROR")])
async def test_after_the_last_retry_on_error_decides(bench: Bench, on_error: str, status: str) -> None:
    agent = flaky(9)
    step = Step(name="ops", agent=agent, max_retries=1, human_review=HumanReview(on_error=on_error))
    run = await answered_run(bench, Workflow(name="flaky", steps=[step]))
    assert (agent.attempts, run.status.value) == (2, status)
    assert "attempt 2" in run.content


async def test_in_a_container_it_is_a_failed_step_and_the_container_goes_on(bench: Bench) -> None:
    steps = [Step(name="ops", agent=flaky(9), max_retries=0)]
    workflow = Workflow(name="flaky", steps=[Condition(name="box", evaluator=True, steps=steps)])
    run = await answered_run(bench, workflow)
    [failed] = run.step_results[0].steps
    assert (failed.success, failed.error) == (False, "attempt 1")


@pytest.mark.parametrize(("on_error", "status"), [("skip", "COMPLETED"), ("fail", "ERROR")])
async def test_a_model_that_fails_is_treated_as_when_it_fails_at_first(
    bench: Bench, on_error: str, status: str
) -> None:
    def step(agent: Agent) -> Workflow:
        review = HumanReview(on_error=on_error)
        return Workflow(name="gone", steps=[Step(name="ops", agent=agent, human_review=review, max_retries=0)])

    agent = Agent(name="Ops", model=Unplugged(id="Ops", turns=[[DROP]]), tools=[drop], telemetry=False)
    run = await answered_run(bench, step(agent))
    assert run.status.value == status
    assert "no such model" in run.content
    assert run.step_results[0].success is False


async def test_an_agent_that_is_gone_after_a_deploy_blocks_and_goes_on_when_it_is_back(bench: Bench) -> None:
    def release(name: str) -> Workflow:
        return Workflow(name="deploys", steps=[Step(name=name, agent=caller([DROP], tools=[drop]))])

    async with bench.worker(release("ops")):
        run_id = await bench.start(release("ops"))
        [asked] = await bench.paused(run_id)
    async with bench.worker(release("renamed")):
        await bench.runs.decide(run_id, allowed(asked))
    async with bench.worker(release("ops")):
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    assert run.content == "got dropped users"


@pytest.mark.parametrize("broken", ["its own code", "its model"])
async def test_a_retry_by_a_human_goes_on_from_the_pause(bench: Bench, broken: str) -> None:
    """agno ignores `on_error="pause"` there, and here the question and the tools before it are not repeated."""
    agent = flaky(1)
    if broken == "its model":
        agent = flaky(0)
        agent.model = Mended(id="Ops", turns=[[DROP]])
    step = Step(name="ops", agent=agent, human_review=HumanReview(on_error="pause"), max_retries=0)
    workflow = Workflow(name="retried", steps=[step])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(asked))
        [failed] = await bench.paused(run_id)
        await bench.runs.decide(run_id, Decision(failed.requirement.id, Action.RETRY))
        manifest = await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    await replays(bench.client, run_id)

    assert run.content == "got dropped users"
    assert [one.requirement.kind for one in manifest.asked] == [Kind.EXECUTOR, Kind.ERROR]
    assert manifest.content_of == replace(manifest.content_of, activity_id="0#1.2")  # type: ignore[type-var]


@dataclass
class Mended(ToolScript):
    """A model that is gone for one request, the first after the tool has run."""

    failed: bool = False

    def invoke(self, messages: Any, **_: Any) -> Any:
        if messages[-1].role == "tool" and not self.failed:
            self.failed = True
            raise ConnectionError("no such model")
        return super().invoke(messages)
