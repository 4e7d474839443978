"""An agent in front of a workflow, compared with agno's: what it decides, what the steps are given, what it is told."""

from __future__ import annotations

from typing import Any

import pytest
from agno.media import Image
from agno.workflow import Step, Workflow
from agno.workflow.agent import WorkflowAgent
from pydantic import BaseModel

from tests.differential.blocks import agent, flow, sets, tells
from tests.differential.oracle import Oracle, Seen
from tests.running.test_workflow_agents import asked
from tests.tool_script import Call, ToolScript


class Topic(BaseModel):
    title: str


TURNS: dict[str, list[list[Call]]] = {
    "answers by itself": [],
    "has the steps run": [asked("the query")],
    "has them run again": [asked("one"), asked("two")],
}


def fronted(turns: list[list[Call]], *steps: Any, **options: Any) -> Workflow:
    return flow(*steps, agent=WorkflowAgent(model=ToolScript(turns=turns)), **options)


def seen(side: Seen) -> dict[str, Any]:
    """What agno does not lose on the way through its database."""
    run = side.last
    assert run is not None
    assert run.workflow_agent_run is not None
    said = run.workflow_agent_run.messages or []
    return {
        "raised": side.raised,
        "state": side.state,
        "input": run.input,
        "content": run.content,
        "steps": [(step.step_name, step.content, step.success) for step in run.step_results],
        "inner runs": [one.content for one in run.step_executor_runs or ()],
        "said": [(message.role, message.content) for message in said],
        "ids": (run.run_id, run.session_id, run.workflow_agent_run.parent_run_id, run.workflow_agent_run.workflow_id),
    }


@pytest.mark.parametrize("turns", TURNS.values(), ids=TURNS)
async def test_an_agent_that(oracle_with_db: Oracle, turns: list[list[Call]]) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: fronted(turns, tells("a"), agent("Ann"), sets("s", n=1), tells("b"), description="It works."),
        "please",
        additional_data={"a": 1},
        images=[Image(id="i", url="https://example.org/i.png")],
        session_state={"old": True},
    )
    assert seen(ours) == seen(agno)


@pytest.mark.parametrize("turns", TURNS.values(), ids=TURNS)
async def test_an_input_schema_is_for_the_callers_input(oracle_with_db: Oracle, turns: list[list[Call]]) -> None:
    agno, ours = await oracle_with_db.ask(lambda: fronted(turns, tells("a"), input_schema=Topic), {"title": "Bees"})
    mine, theirs = seen(ours), seen(agno)
    assert mine.pop("input") == Topic(title="Bees")
    theirs.pop("input")
    assert mine == theirs


async def test_a_function_in_the_place_of_the_steps(oracle_with_db: Oracle) -> None:
    def whole(execution_input: Any) -> dict[str, Any]:
        return {"for": execution_input.input}

    def make() -> Workflow:
        return Workflow(name="subject", steps=whole, agent=WorkflowAgent(model=ToolScript(turns=[asked("the query")])))

    agno, ours = await oracle_with_db.ask(make, "please")
    assert seen(ours) == seen(agno)
    assert seen(ours)["content"] == {"for": "the query"}


async def test_steps_that_are_none(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: fronted([asked("the query")]), "please")
    assert seen(ours) == seen(agno)
    assert seen(ours)["said"][-1] == ("assistant", "got No steps executed")


def test_a_step_named_as_the_agent_is_no_agent() -> None:
    """The agent stands in front of the steps, and takes no place among them."""
    from agno_temporal.agno_bridge.compile import compile_workflow

    compiled = compile_workflow(fronted([], Step(name="agent", executor=lambda step_input: "a")))
    assert [node.path for node in compiled.plan.steps] == ["0"]
    assert compiled.plan.agent is not None
    assert sorted(compiled.live) == ["0", "agent"]
