"""A durable workflow in the hands of a model: published with `as_tool`, or as an agent's tool (agno's `WorkflowTools`).

The tool's run is a run of its own. Where it pauses, the model is told so and goes on, as in agno; the run waits for a
human all the same, for as long as it takes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from agno.agent import Agent
from agno.run.base import RunStatus
from agno.tools.workflow import WorkflowTools
from agno.workflow import Step, Workflow

from tests.bridge.tool_caller import ToolCaller
from tests.running.scenes import scene
from tests.support import Bench


def caller(tools: WorkflowTools) -> Agent:
    """An agent that calls its workflow once, and answers with what it was told."""
    model = ToolCaller(tool="run_workflow", arguments={"input": {"input_data": "go"}})
    return Agent(name="Caller", model=model, tools=[tools], telemetry=False)


def told(content: str) -> dict[str, Any]:
    """What the tool told the model."""
    answer: dict[str, Any] = json.loads(content.removeprefix("done: "))
    return answer


async def test_what_as_tool_publishes_is_the_durable_workflow(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    durable = bench.durable(at.workflow)
    published = durable.as_tool(name="release", description="Releases it.", annotations={"readOnlyHint": False})
    assert published.component is durable
    assert published.name == "release"

    async with bench.worker(at.workflow):
        run = await published.component.arun("go", session_id="s")
        assert run.status == RunStatus.paused
        run.step_requirements[0].confirm()
        ended = await published.component.acontinue_run(
            run_id=run.run_id, session_id="s", step_requirements=run.step_requirements
        )
    assert ended.status == RunStatus.completed
    assert at.ran == ["before", "gate", "after"]


def test_it_stays_durable_when_a_server_copies_it_for_a_request(bench: Bench) -> None:
    durable = bench.durable(scene().workflow)
    assert type(durable.deep_copy().as_tool().component) is type(durable)


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
async def test_an_agent_runs_it_durably(bench: Bench, is_async: bool) -> None:
    at = scene()
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        answer = await caller(WorkflowTools(durable, async_mode=is_async)).arun("please")
        result = told(str(answer.content))
        assert result["status"] == "COMPLETED"
        assert (await durable.aget_run_output(result["run_id"])).status == RunStatus.completed


async def test_where_it_pauses_the_agent_is_told_so_and_the_run_waits(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        answer = await caller(WorkflowTools(durable, async_mode=True)).arun("please")
        result = told(str(answer.content))
        assert result["status"] == "PAUSED"
        run = await durable.aget_run_output(result["run_id"])
        run.step_requirements[0].confirm()
        assert (await durable.acontinue_run(run)).status == RunStatus.completed


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
async def test_an_agent_in_a_step_of_another_durable_workflow_runs_it(bench: Bench, is_async: bool) -> None:
    at = scene()
    tools = WorkflowTools(bench.durable(at.workflow), async_mode=is_async)
    outer = Workflow(name="outer", steps=[Step(name="ask", agent=caller(tools))])
    async with bench.worker(at.workflow, outer):
        run = await bench.durable(outer).arun("please", session_id="s")
    assert run.status == RunStatus.completed
    assert told(str(run.content))["status"] == "COMPLETED"
    assert told(str(run.content))["session_id"] == "s"
    assert at.ran == ["before", "gate", "after"]
