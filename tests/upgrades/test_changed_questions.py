"""A question is the one that was asked, whatever the code asks today: its form, its choices and its rules."""

from __future__ import annotations

from typing import Any

import pytest
from agno.agent import Agent
from agno.team import Team
from agno.tools import tool
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.client import DecisionRefused
from agno_temporal.hitl import Action
from tests.support import Bench
from tests.tool_script import ToolScript
from tests.upgrades.deploys import Deployed, Version, workflow

LIMIT = [{"name": "limit", "field_type": "int"}]
FLOOR = [{"name": "floor", "field_type": "str"}]


def form(seen: list[Any], fields: list[Any]) -> Workflow:
    def run(step_input: Any) -> str:
        seen.append((step_input.additional_data or {}).get("user_input"))
        return "done"

    review = HumanReview(requires_user_input=True, user_input_schema=fields)
    return workflow(Step(name="ask", executor=run, human_review=review, max_retries=0))


async def test_a_form_that_was_edited_is_filled_in_as_it_was_shown(bench: Bench) -> None:
    seen: list[Any] = []
    run = Deployed(bench)
    await run.start(form(seen, LIMIT))
    async with bench.worker(form(seen, FLOOR)):
        with pytest.raises(DecisionRefused, match="floor"):
            await run.decide(Action.INPUT, values={"floor": "3"})
        await run.decide(Action.INPUT, values={"limit": 3})
        await run.completed()
    assert seen == [{"limit": 3}]


def asking(executor: str, did: list[str]) -> Workflow:
    @tool(requires_confirmation=True)
    def deploy() -> str:
        did.append(executor)
        return "deployed"

    agent = Agent(name="Ops", model=ToolScript(turns=[[("deploy", {})]]), tools=[deploy], telemetry=False)
    match executor:
        case "agent":
            step = Step(name="ask", agent=agent, max_retries=0)
        case "team":
            team = Team(name="Ops", members=[], model=agent.model, tools=[deploy], telemetry=False)
            step = Step(name="ask", team=team, max_retries=0)
        case _:
            step = Version(2).step("ask")
    return workflow(step)


@pytest.mark.parametrize("now", ["function", "team"])
async def test_an_agent_that_waits_is_not_continued_by_what_stands_in_its_place(bench: Bench, now: str) -> None:
    did: list[str] = []
    run = Deployed(bench)
    await run.start(asking("agent", did))
    async with bench.worker(asking(now, did)):
        await run.decide()
        blocked = await run.blocked()
        assert blocked.activity_id == "0#1.1"
        assert f"waits in a paused agent here, and this worker's workflow has a {now}" in blocked.reason
    async with bench.worker(asking("agent", did)):
        await run.completed()
    assert did == ["agent"]


async def test_a_function_that_has_become_an_agent_may_pause_as_an_agent_does(bench: Bench) -> None:
    did: list[str] = []
    run = Deployed(bench)
    gate = Version(1).gate()
    await run.start(workflow(gate, Version(1).step("ask")))
    async with bench.worker(workflow(gate, asking("agent", did).steps[0])):
        await run.decide()
        await run.decide()
        await run.completed()
    assert did == ["agent"]


async def test_a_function_that_is_now_the_whole_workflow_does_not_run_as_one_of_its_steps(bench: Bench) -> None:
    ran: list[str] = []

    def publish(**_: Any) -> str:
        ran.append("all of it")
        return "done"

    run = Deployed(bench)
    step = Version(1).step("publish", human_review=HumanReview(requires_confirmation=True))
    await run.start(workflow(step))
    async with bench.worker(Workflow(name="deploy", steps=publish)):
        await run.decide()
        assert 'the function "publish", which is the whole workflow' in (await run.blocked()).reason
    assert ran == []
