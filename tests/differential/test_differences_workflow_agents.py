"""Agents in front of workflows (docs/differences.md, "An agent in front of the workflow")."""

from __future__ import annotations

from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import HumanReview, Step
from agno.workflow.types import StepInput, StepOutput

from agno_temporal import PlanError
from agno_temporal.agno_bridge.compile import compile_workflow
from tests.differential.answers import confirm
from tests.differential.blocks import fails, flow, says, tells_all
from tests.differential.oracle import Oracle, Seen
from tests.differential.test_workflow_agents import Topic, fronted
from tests.running.test_workflow_agents import asked

QUERY = [asked("the query")]


def answer(side: Seen) -> Any:
    assert side.last is not None
    assert side.last.workflow_agent_run is not None
    return side.last.workflow_agent_run.content


async def test_the_agent_waits_for_the_gates_of_the_steps(oracle_with_db: Oracle) -> None:
    gated = HumanReview(requires_confirmation=True)
    agno, _ = await oracle_with_db.ask(lambda: fronted(QUERY, says("a", human_review=gated)), "go")
    assert agno.last is not None
    assert agno.last.status == RunStatus.paused
    assert answer(agno) == "got None"
    _, ours = await oracle_with_db.ask(
        lambda: fronted(QUERY, says("a", human_review=gated)), "go", confirm, db=False, our_db=True
    )
    assert ours.last is not None
    assert ours.last.status == RunStatus.completed
    assert answer(ours) == "got a says"


async def test_steps_that_fail_end_the_run(oracle_with_db: Oracle) -> None:
    failing = HumanReview(on_error="fail")
    agno, ours = await oracle_with_db.ask(lambda: fronted(QUERY, fails("a", human_review=failing)), "go")
    assert agno.raised is None
    assert agno.last.status == ours.last.status == RunStatus.error
    assert ours.raised == "Workflow execution failed: attempt 1 of a"


async def test_an_agent_in_front_needs_no_database(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: fronted(QUERY, says("a")), "go", db=False)
    assert agno.last.content == "Error: Workflow execution failed"
    assert ours.last.content == "a says"


async def test_what_the_run_was_given_reaches_the_steps_behind_an_agent(oracle_with_db: Oracle) -> None:
    given: dict[str, Any] = {"dependencies": {"rate": 0.5}, "metadata": {"ticket": 7}, "user_id": "ana"}
    agno, ours = await oracle_with_db.ask(lambda: fronted(QUERY, tells_all("a")), "go", **given)
    assert "rate" not in agno.last.content
    assert "({'rate': 0.5}, {'ticket': 7}, " in ours.last.content
    assert (agno.last.user_id, agno.last.metadata) == (None, None)
    assert (ours.last.user_id, ours.last.metadata) == ("ana", {"ticket": 7})


async def test_steps_behind_an_agent_keep_the_types_of_what_they_return(oracle_with_db: Oracle) -> None:
    def give(step_input: StepInput) -> StepOutput:
        return StepOutput(content=Topic(title="Bees"))

    agno, ours = await oracle_with_db.ask(lambda: fronted(QUERY, Step(name="a", executor=give)), "go")
    assert agno.last.step_results[0].content == {"title": "Bees"}
    assert ours.last.step_results[0].content == Topic(title="Bees")
    assert answer(ours) == answer(agno) == 'got {"title":"Bees"}'


async def test_run_workflow_is_shown_as_executed_elsewhere(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: fronted(QUERY, says("a")), "go")
    assert not agno.last.workflow_agent_run.requirements
    [requirement] = ours.last.workflow_agent_run.requirements
    assert requirement.external_execution_result == "a says"


def test_an_agent_in_front_of_a_nested_workflow_is_refused() -> None:
    with pytest.raises(PlanError, match=r"agent=\.\.\. of a nested workflow"):
        compile_workflow(flow(fronted(QUERY, says("a"), id="inner")))
