"""An agent in front of a workflow: it answers by itself, or has the steps run, with all their gates."""

from __future__ import annotations

from typing import Any

from agno.db.in_memory import InMemoryDb
from agno.run.base import RunStatus
from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.agent import WorkflowAgent
from agno.workflow.types import StepInput

from tests.support import Bench
from tests.tool_script import Call, ToolScript


def asked(query: str) -> list[Call]:
    """A turn in which the model has the steps run."""
    return [("run_workflow", {"query": query})]


def workflow(*turns: list[Call], review: HumanReview | None = None, **options: Any) -> Workflow:
    """Two steps behind an agent with these turns."""

    def work(step_input: StepInput) -> str:
        return f"worked on {step_input.input}"

    def sign(step_input: StepInput) -> str:
        return f"signed {step_input.previous_step_content}"

    return Workflow(
        name="release",
        agent=WorkflowAgent(model=ToolScript(turns=list(turns))),
        steps=[Step(name="work", executor=work), Step(name="sign", executor=sign, human_review=review)],
        **options,
    )


async def test_it_answers_without_the_steps(bench: Bench) -> None:
    mine = workflow()
    async with bench.worker(mine):
        run = await bench.durable(mine).arun("hello")
    assert run.status == RunStatus.completed
    assert run.content == "got "
    assert run.step_results == []
    assert run.workflow_agent_run is not None
    assert run.workflow_agent_run.parent_run_id == run.run_id


async def test_it_has_the_steps_run_for_what_it_asks(bench: Bench) -> None:
    mine = workflow(asked("version 7"))
    async with bench.worker(mine):
        run = await bench.durable(mine).arun("please release the seventh")
    assert run.input == "please release the seventh"
    assert run.content == "signed worked on version 7"
    assert [result.step_name for result in run.step_results] == ["work", "sign"]
    assert run.workflow_agent_run is not None
    assert run.workflow_agent_run.content == "got signed worked on version 7"


async def test_a_gate_among_the_steps_waits_and_the_agent_is_told_what_came_of_it(bench: Bench) -> None:
    mine = workflow(asked("version 7"), review=HumanReview(requires_confirmation=True))
    durable = bench.durable(mine)
    async with bench.worker(mine):
        run = await durable.arun("go")
        assert run.status == RunStatus.paused
        assert run.paused_step_name == "sign"
        assert run.workflow_agent_run is not None
        assert run.workflow_agent_run.status == RunStatus.paused
    async with bench.worker(mine):
        run.step_requirements[0].confirm()
        run = await durable.acontinue_run(run)
    assert run.status == RunStatus.completed
    assert run.content == "signed worked on version 7"
    assert run.workflow_agent_run.content == "got signed worked on version 7"


async def test_the_last_of_several_runs_of_the_steps_is_the_runs(bench: Bench) -> None:
    mine = workflow(asked("one"), asked("two"))
    async with bench.worker(mine):
        run = await bench.durable(mine).arun("go")
    assert run.content == "signed worked on two"
    assert len(run.step_results) == 2
    assert run.workflow_agent_run is not None
    assert run.workflow_agent_run.content == "got signed worked on one | signed worked on two"


async def test_two_calls_in_one_turn_are_one_after_the_other(bench: Bench) -> None:
    mine = workflow([*asked("one"), *asked("two")])
    async with bench.worker(mine):
        run = await bench.durable(mine).arun("go")
    assert run.content == "signed worked on two"
    assert run.workflow_agent_run is not None
    assert run.workflow_agent_run.content == "got signed worked on one | signed worked on two"


async def test_a_wrong_call_is_told_to_the_model(bench: Bench) -> None:
    mine = workflow([("run_workflow", {"question": "?"})])
    async with bench.worker(mine):
        run = await bench.durable(mine).arun("go")
    assert run.status == RunStatus.completed
    assert run.content == "got run_workflow takes one argument, query: a text of at most 8 KB."
    assert run.step_results == []


async def test_a_rejection_that_cancels_ends_the_run(bench: Bench) -> None:
    mine = workflow(asked("one"), review=HumanReview(requires_confirmation=True, on_reject="cancel"))
    durable = bench.durable(mine)
    async with bench.worker(mine):
        run = await durable.arun("go")
        run.step_requirements[0].reject()
        run = await durable.acontinue_run(run)
    assert run.status == RunStatus.cancelled


async def test_it_sees_the_earlier_runs_of_its_session(bench: Bench) -> None:
    mine = workflow(db=InMemoryDb())
    async with bench.worker(mine):
        durable = bench.durable(mine)
        await durable.arun("first question", session_id="s")
        run = await durable.arun("second question", session_id="s")
    assert run.workflow_agent_run is not None
    system = next(one for one in run.workflow_agent_run.messages or () if one.role == "system")
    assert "User input: first question" in str(system.content)
