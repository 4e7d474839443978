"""Workflows as steps: here they are part of the run, in agno a run of their own (docs/differences.md, "Nested
workflows")."""

from __future__ import annotations

import pytest
from agno.db.in_memory import InMemoryDb
from agno.workflow import HumanReview, Step, Steps, Workflow
from agno.workflow.types import StepInput, StepOutput
from pydantic import BaseModel

from agno_temporal import PlanError
from agno_temporal.agno_bridge.compile import compile_workflow
from tests.differential.blocks import agent, fails, flow, says
from tests.differential.oracle import Oracle

FAIL = HumanReview(on_error="fail")


class Topic(BaseModel):
    title: str


async def test_a_failing_step_does_not_run_the_steps_before_it_again(oracle_with_db: Oracle) -> None:
    ran: list[str] = []

    def make() -> Workflow:
        def work(step_input: StepInput) -> str:
            ran.append("work")
            return "done"

        inner = flow(Step(name="work", executor=work), fails("b", human_review=FAIL), id="inner")
        return flow(Step(name="n", workflow=inner))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.content == "Step skipped due to error: attempt 4 of b"
    assert ours.last.content == "Step skipped due to error: attempt 1 of b"
    assert len(ran) == 4 + 1


def test_retries_of_a_whole_workflow_are_refused() -> None:
    with pytest.raises(PlanError, match="max_retries=2 on a nested workflow"):
        compile_workflow(flow(Step(name="n", workflow=flow(says("a"), id="inner"), max_retries=2)))


async def test_it_writes_no_run_into_a_database_of_its_own(oracle_with_db: Oracle) -> None:
    databases: list[InMemoryDb] = []

    def make() -> Workflow:
        databases.append(InMemoryDb())
        return flow(flow(says("a"), id="inner", db=databases[-1]))

    await oracle_with_db.ask(make)
    (agnos, _), (ours, _) = (db.get_sessions(session_type=None, deserialize=False) for db in databases)
    assert agnos
    assert not ours


async def test_its_run_is_shown_with_the_input_as_it_came(oracle_with_db: Oracle) -> None:
    def give(step_input: StepInput) -> StepOutput:
        return StepOutput(content={"title": "Bees"})

    def make() -> Workflow:
        return flow(Step(name="first", executor=give), flow(says("a"), id="inner", input_schema=Topic))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.step_executor_runs[0].input == Topic(title="Bees")
    assert ours.last.step_executor_runs[0].input == {"title": "Bees"}


async def test_the_runs_of_agents_in_a_container_that_failed_are_not_shown(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(Steps(name="s", steps=[agent(), fails("b")])), "go")
    assert [run.content for run in agno.last.step_executor_runs] == ["Ann (go)"]
    assert ours.last.step_executor_runs is None
