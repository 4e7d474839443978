"""Agents and teams that pause at a tool (docs/differences.md, "Tools that pause"). What a run does in every container
is in tests/running/test_executor_pauses.py; here agno's way is shown beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from agno.agent import Agent
from agno.db.in_memory import InMemoryDb
from agno.models.message import Message
from agno.models.response import ModelResponse
from agno.run.base import RunStatus
from agno.team import Team
from agno.tools import tool
from agno.workflow import Loop, Parallel, Step, Steps, Workflow
from agno.workflow.types import HumanReview
from pydantic import BaseModel

from agno_temporal import DecisionRefused
from tests.differential.answers import confirm, reject
from tests.differential.blocks import agent, flow, says, tells
from tests.running.executor_scenes import allowed
from tests.support import Bench
from tests.tool_script import ToolScript, answered, caller, delegate, drop, fill, leader, note, send, yes
from tests.tool_script import asked as tools_of

DROP = ("drop", {"table": "users"})


def ops(name: str = "ops", *turns: Any, tools: Any = (drop,), **options: Any) -> Step:
    return Step(name=name, agent=caller(*(turns or ([DROP],)), name=name, tools=tools), **options)


async def in_agno(workflow: Workflow, *answers: Any, **options: Any) -> Any:
    """What agno makes of it, with these answers to its pauses."""
    workflow.db, workflow.telemetry = InMemoryDb(), False
    run = await workflow.arun("go", session_id="s", **options)
    for answer in answers:
        answer(run.step_requirements[-1])
        run = await workflow.acontinue_run(run)
    return run


async def here(bench: Bench, workflow: Workflow, **options: Any) -> Any:
    """The same here, with every tool allowed."""
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go", **options)
        while (manifest := await bench.runs.wait(run_id)).status == "PAUSED":
            [asked, *_] = [one for one in manifest.asked if one.resolution is None]
            await bench.runs.decide(run_id, allowed(asked))
        return await bench.runs.run_output(run_id)


@asynccontextmanager
async def waiting(bench: Bench, workflow: Workflow, answer: Callable[[Any], None]) -> AsyncIterator[Any]:
    """The same here on agno's own objects: the workflow, and its run, with this answer to its pause."""
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        answer(run.step_requirements[-1])
        yield durable, run


async def test_a_container_goes_on_around_an_agent_that_paused_in_it(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(Steps(name="box", steps=[says("first"), ops(), says("last")]), tells("end"))

    plain = await in_agno(make(), answered(yes))
    assert plain.step_results[0].step_name == "ops"

    run = await here(bench, make())
    assert [step.step_name for step in run.step_results[0].steps] == ["first", "ops", "last"]


async def test_the_agent_that_paused_is_the_one_that_goes_on(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(Steps(name="box", steps=[Step(name="calm", agent=agent("Calm")), ops()]))

    plain = await in_agno(make(), lambda requirement: None)
    assert plain.step_requirements[0].executor_name == "Calm"

    run = await here(bench, make())
    assert run.step_requirements[0].executor_name == "ops"
    assert [step.content for step in run.step_results[0].steps] == ["Calm (go)", "got dropped users"]


async def test_every_agent_of_a_container_is_asked(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(Steps(name="box", steps=[ops("one"), ops("two")]))

    plain = await in_agno(make(), answered(yes))
    assert plain.status == RunStatus.completed

    run = await here(bench, make())
    assert len(run.step_requirements) == 2
    assert [step.content for step in run.step_results[0].steps] == ["got dropped users"] * 2


async def test_a_loop_goes_on_with_its_iterations(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(Loop(name="loop", steps=[ops()], max_iterations=2))

    plain = await in_agno(make(), answered(yes))
    assert plain.step_results[0].step_name == "ops"

    run = await here(bench, make())
    assert len(run.step_results[0].steps) == 2


async def test_a_requirement_of_tools_may_be_answered_as_one(bench: Bench) -> None:
    contents = []
    for answer in (confirm, reject("keep it")):
        async with waiting(bench, flow(ops()), answer) as (durable, run):
            ours = await durable.acontinue_run(run)
        plain = await in_agno(flow(ops()), answer)
        contents.append((plain.step_results[0].content, ours.step_results[0].content))

    assert contents == [
        ("got Function call was rejected by the user", "got dropped users"),
        ("got Function call was rejected by the user", "got keep it"),
    ]


async def test_an_agent_pauses_in_a_parallel_too(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(Parallel(ops("one"), ops("two"), name="both"))

    with pytest.raises(ValueError, match="Parallel"):
        await in_agno(make())

    run = await here(bench, make())
    assert [step.content for step in run.step_results[0].steps] == ["got dropped users"] * 2


async def test_an_agent_pauses_in_a_nested_workflow_too(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(Step(name="inner", workflow=Workflow(name="inner", steps=[ops(), says("last")])))

    plain = await in_agno(make())
    assert (plain.status, plain.content) == (RunStatus.completed, None)

    run = await here(bench, make())
    assert run.content == "last says"


async def test_a_tool_is_answered_by_the_methods_that_agno_documents(bench: Bench) -> None:
    workflow = flow(ops())
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        [tool] = run.step_requirements[-1].executor_requirements
        assert (tool["tool_execution"]["tool_name"], tool.tool_execution.tool_name) == ("drop", "drop")
        tool.confirm()
        assert (await durable.acontinue_run(run)).content == "got dropped users"

    agno = flow(ops())
    agno.db, agno.telemetry = InMemoryDb(), False
    [plain] = (await agno.arun("go")).step_requirements[-1].executor_requirements
    assert not hasattr(plain, "confirm")


async def test_answers_to_a_part_of_the_tools_are_refused(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(ops("ops", [DROP, ("drop", {"table": "logs"})]))

    def half(requirement: Any) -> None:
        tools = tools_of(requirement)
        tools[0].confirm()
        requirement.executor_requirements = [tool.to_dict() for tool in tools]

    plain = await in_agno(make(), half)
    assert plain.content == "got dropped users | Function call was rejected by the user"

    async with waiting(bench, make(), half) as (durable, run):
        with pytest.raises(ValueError, match="still open"):
            await durable.acontinue_run(run)


async def test_values_that_a_tools_form_does_not_take_are_refused(bench: Bench) -> None:
    def fill(requirement: Any) -> None:
        tools = tools_of(requirement)
        tools[0].provide_user_input({"to": 5, "copies": "many"})
        requirement.executor_requirements = tools

    call = ("send", {"subject": "s"})
    workflow = flow(ops("ops", [call], tools=[send]))
    async with waiting(bench, workflow, fill) as (durable, run):
        with pytest.raises(DecisionRefused, match="copies: expected int, got str"):
            await durable.acontinue_run(run)


async def test_an_argument_keeps_its_default_where_its_field_is_left_empty(bench: Bench) -> None:
    @tool(requires_user_input=True, user_input_fields=["to", "copies"])
    def send(subject: str, to: str, copies: int = 1) -> str:
        """Sends a mail."""
        return f"sent {subject} to {to} {copies} times"

    def make() -> Workflow:
        return flow(ops("ops", [("send", {"subject": "s"})], tools=[send]))

    plain = await in_agno(make(), answered(fill(to="ana")))
    assert "validation error" in plain.content

    async with waiting(bench, make(), answered(fill(to="ana"))) as (durable, run):
        run = await durable.acontinue_run(run)
    assert run.content == "got sent s to ana 1 times"
    assert run.step_requirements[0].executor_requirements[0].tool_execution.tool_args == {"subject": "s", "to": "ana"}


async def test_a_field_that_is_needed_is_not_left_empty(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(ops("ops", [("send", {"subject": "s"})], tools=[send]))

    plain = await in_agno(make(), answered(fill(to="ana")))
    assert "validation error" in plain.content

    async with waiting(bench, make(), answered(fill(to="ana"))) as (durable, run):
        with pytest.raises(ValueError, match="Step 'ops' tool 'send' still needs copies"):
            await durable.acontinue_run(run)


async def test_a_value_that_no_tool_can_be_called_with_is_refused(bench: Bench) -> None:
    @tool(requires_user_input=True, user_input_fields=["day"])
    def book(day: date) -> str:
        """Books."""
        return f"booked {day!r}"

    def make() -> Workflow:
        return flow(ops("ops", [("book", {})], tools=[book]))

    plain = await in_agno(make(), answered(fill(day=date(2024, 5, 1))))
    assert plain.content == "I have tools to execute, but I need user input."

    async with waiting(bench, make(), answered(fill(day=date(2024, 5, 1)))) as (durable, run):
        with pytest.raises(DecisionRefused, match="day: a tool is called with JSON, which has no date"):
            await durable.acontinue_run(run)


async def test_a_pause_is_one_where_no_executor_runs_are_kept(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(ops(), store_executor_outputs=False)

    plain = await in_agno(make())
    assert plain.status == RunStatus.completed

    run = await here(bench, make())
    assert run.content == "got dropped users"


async def test_a_tool_that_goes_on_sees_what_the_run_was_given(bench: Bench) -> None:
    given = {"session_state": {"k": 1}, "dependencies": {"d": 2}, "metadata": {"m": 3}}

    def make() -> Workflow:
        return flow(ops("ops", [("note", {"text": "n"})], tools=[note]))

    plain = await in_agno(make(), answered(yes), **given)
    assert plain.content == "got ({}, None, None, None)"

    run = await here(bench, make(), **given)
    assert run.content == "got ({'k': 1}, {'d': 2}, {'m': 3}, None)"


async def test_a_members_tool_that_goes_on_shares_the_teams_state(bench: Bench) -> None:
    def make() -> Workflow:
        member = caller([("note", {"text": "n"})], name="ops", tools=[note])
        return flow(Step(name="desk", team=leader([delegate("ops")], members=[member])))

    plain = await in_agno(make(), answered(yes), session_state={"k": 1})
    assert "({}," in plain.content

    run = await here(bench, make(), session_state={"k": 1})
    assert "({'k': 1}," in run.content


async def test_what_a_function_makes_for_a_team_is_there_when_the_team_goes_on(bench: Bench) -> None:
    def make() -> Workflow:
        desk = leader([delegate("ops")])
        desk.members = lambda: [caller([("note", {"text": "n"})], name="ops", tools=[note])]
        return flow(Step(name="desk", team=desk, max_retries=0))

    with pytest.raises(TypeError, match="'function' object is not iterable"):
        await in_agno(make())

    run = await here(bench, make(), session_state={"k": 1})
    assert "[ops]: got ({'k': 1}," in run.content


async def test_tools_that_a_function_makes_for_a_leader_are_there_when_it_goes_on(bench: Bench) -> None:
    def make() -> Workflow:
        desk = leader([DROP])
        desk.tools = lambda: [drop]
        return flow(Step(name="desk", team=desk, max_retries=0))

    plain = await in_agno(make(), answered(yes))
    assert (plain.status, plain.content) == (RunStatus.completed, "got ")

    run = await here(bench, make())
    assert run.content == "got dropped users"


async def test_a_run_that_went_on_is_shown_once(bench: Bench) -> None:
    plain = await in_agno(flow(ops()), answered(yes))
    assert len(plain.step_executor_runs) == 2

    run = await here(bench, flow(ops()))
    assert len(run.step_executor_runs) == 1


async def test_a_timeout_on_an_agents_step_is_for_its_tools_too(bench: Bench) -> None:
    step = ops(human_review=HumanReview(timeout=1, on_timeout="reject"))
    workflow = flow(step)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go")
        await bench.client.get_workflow_handle(run_id).result()
        run = await bench.runs.run_output(run_id)
    assert run.content == "got Nobody answered in time."


class Flaky(Agent):
    """An agent whose own code raises once, when it goes on."""

    attempts = 0

    async def acontinue_run(self, *args: Any, **options: Any) -> Any:  # type: ignore[override]
        self.attempts += 1
        if self.attempts == 1:
            raise ValueError("once")
        return await super().acontinue_run(*args, **options)


async def test_an_agent_that_fails_after_its_pause_is_tried_again(bench: Bench) -> None:
    def make() -> Workflow:
        model = ToolScript(id="ops", turns=[[DROP]])
        return flow(Step(name="ops", agent=Flaky(name="ops", model=model, tools=[drop], telemetry=False)))

    with pytest.raises(ValueError, match="once"):
        await in_agno(make(), answered(yes))

    assert (await here(bench, make())).content == "got dropped users"


async def test_a_leader_that_waited_too_is_told_what_its_member_did(bench: Bench) -> None:
    def make() -> Workflow:
        turn = [delegate("ops"), ("drop", {"table": "own"})]
        member = caller([DROP], name="ops", tools=[drop])
        return flow(Step(name="desk", team=leader(turn, members=[member], tools=[drop])))

    plain = await in_agno(make(), answered(yes, yes))
    assert "requires human input" in plain.content

    assert "[ops]: got dropped users | dropped own" in (await here(bench, make())).content


class Report(BaseModel):
    title: str


@dataclass
class Reports(ToolScript):
    """Answers with a report."""

    def invoke(self, messages: list[Message], **options: Any) -> ModelResponse:
        response = super().invoke(messages, **options)
        return response if response.tool_calls else ModelResponse(role="assistant", content='{"title": "done"}')


async def test_a_teams_output_is_of_its_schema_where_a_member_had_waited(bench: Bench) -> None:
    def make() -> Workflow:
        ops = caller([DROP], name="Ops", tools=[drop], id="ops")
        model = Reports(id="desk", turns=[[delegate("ops")]])
        team = Team(name="Desk", model=model, members=[ops], output_schema=Report, telemetry=False)
        return flow(Step(name="desk", team=team))

    plain = await in_agno(make(), answered(yes))
    assert plain.content == '{"title": "done"}'

    assert (await here(bench, make())).content == Report(title="done")
