"""Running one leaf: what its code sees, and what becomes of what it returns."""

import asyncio
import functools
import json
import threading
from dataclasses import replace
from datetime import date

import pytest
from agno.agent import Agent
from agno.db.in_memory import InMemoryDb
from agno.run.workflow import WorkflowRunOutput
from agno.session.workflow import WorkflowSession
from agno.team import Team
from agno.workflow import Step, StepInput, StepOutput, Steps, Workflow
from agno.workflow.types import StepProgress

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.execute import run_leaf
from agno_temporal.agno_bridge.live import LiveStep
from agno_temporal.agno_bridge.tool_questions import UnsupportedAtRunTime
from agno_temporal.agno_bridge.values import NotSerialisable
from agno_temporal.contract.tasks import Extras, Flow, StepTask
from examples.scripted_model import ScriptedModel
from tests.bridge.by_hand import ByHand, in_thread
from tests.bridge.written import leaf


def release(*steps, **settings) -> Workflow:
    return Workflow(name="release", steps=list(steps), telemetry=False, **settings)


def writer(**settings) -> Agent:
    return Agent(name="Writer", model=ScriptedModel(task="Draft"), telemetry=False, **settings)


async def content_of(executor, *arguments, **options):
    run = ByHand(release(Step(name="fetch", executor=executor)), *arguments, **options)
    return run.run(await run.step("0")).content


def sync_function(step_input: StepInput) -> str:
    return f"on {threading.current_thread() is threading.main_thread()}"


def sync_generator(step_input: StepInput):
    yield StepProgress(content="10 %")
    yield f"on {threading.current_thread() is threading.main_thread()}"


@pytest.mark.parametrize("blocking", [sync_function, sync_generator, functools.partial(sync_function)])
async def test_synchronous_code_runs_off_the_event_loop(blocking):
    assert await content_of(blocking) == "on False"


async def async_function(step_input: StepInput) -> str:
    return f"on {asyncio.get_running_loop() is not None}"


async def async_generator(step_input: StepInput):
    yield "on "
    yield str(asyncio.get_running_loop() is not None)


class AsyncObject:
    async def __call__(self, step_input: StepInput) -> str:
        return await async_function(step_input)


@pytest.mark.parametrize(
    "awaited",
    [async_function, async_generator, AsyncObject(), functools.partial(async_function)],
    ids=["function", "generator", "object", "partial"],
)
async def test_asynchronous_code_runs_on_it(awaited):
    assert await content_of(awaited) == "on True"


async def test_what_a_function_sees_of_the_run_is_what_agno_shows_it():
    seen = {}

    def look(step_input: StepInput, run_context) -> str:
        fields = ("run_id", "session_id", "user_id", "workflow_name", "dependencies", "metadata", "session_state")
        seen.update({name: getattr(run_context, name) for name in fields})
        return "looked"

    def workflow():
        return release(Step(name="look", executor=look), dependencies={"a": 1, "b": {"c": 2}})

    given = {"user_id": "ana", "dependencies": {"b": {"d": 3}}, "metadata": {"team": "web"}}
    workflow().run("x", run_id="run-1", session_id="session-1", session_state={"n": 1}, **given)
    theirs = dict(seen)
    run = ByHand(workflow(), "x", state={"n": 1}, **given)
    await run.step("0")
    assert seen == theirs


async def test_state_that_a_step_changes_reaches_the_next_and_agnos_own_keys_do_not():
    def count(step_input: StepInput, run_context) -> str:
        run_context.session_state["days"] = [*run_context.session_state.get("days", ()), date(2024, 5, 1)]
        return str(len(run_context.session_state["days"]))

    run = ByHand(release(Step(name="one", executor=count), Step(name="two", executor=count)), "x", state={"kept": 1})
    await run.step("0")
    assert run.run(await run.step("1")).content == "2"
    assert sorted(run.state) == ["days", "kept"]


async def test_a_nested_workflows_step_sees_its_own_workflow_and_none_of_the_runs_dependencies():
    seen = []

    def look(step_input: StepInput, run_context) -> str:
        seen.append((run_context.workflow_name, run_context.dependencies, run_context.metadata))
        return "looked"

    inner = Workflow(name="inner", steps=[Step(name="look", executor=look)], metadata={"inner": True}, telemetry=False)
    run = ByHand(release(Step(name="nested", workflow=inner)), "x", dependencies={"a": 1}, metadata={"outer": True})
    await run.step("0/workflow/0", flow=Flow(with_additional_data=False))
    assert seen == [("inner", None, {"inner": True})]


async def test_an_agent_gets_the_last_output_and_a_reviewers_words():
    run = ByHand(release(Step(name="outline", executor=sync_function), Step(name="draft", agent=writer())), "x")
    extras = Extras({"tone": "dry"}, leaf("draft", "Bzz", "1#1"), "shorter")
    draft = await run.step("1", ("a", leaf("a", "wasps")), ("b", leaf("b", "bees", "0#2")), extras=extras)
    assert run.run(draft).content == "Draft (bees) with tone: dry, revised: shorter"


async def test_of_an_agents_input_only_the_last_output_is_fetched():
    run = ByHand(release(Step(name="outline", executor=sync_function), Step(name="draft", agent=writer())), "x")
    nowhere = replace(leaf("a", "wasps", "7#1"), body=None)
    draft = await run.step("1", ("a", nowhere), ("b", leaf("b", "bees")))
    assert run.run(draft).content == "Draft (bees)"


async def test_an_agent_inside_a_container_writes_no_session_of_its_own():
    agent = writer(db=InMemoryDb())
    run = ByHand(release(Steps(name="box", steps=[Step(name="draft", agent=agent)])), "bees")
    await run.step("0/steps/0")
    assert agent.workflow_id == "release"
    assert agent.db.get_sessions(deserialize=False)[1] == 0


async def test_what_the_users_code_raises_comes_through_unchanged():
    class OutOfRows(Exception):
        pass

    def fail(step_input: StepInput):
        raise OutOfRows("none")

    with pytest.raises(OutOfRows, match="none"):
        await content_of(fail)


async def test_a_result_that_cannot_be_kept_names_the_step_and_the_place():
    def fetch(step_input: StepInput) -> StepOutput:
        return StepOutput(content={"items": [threading.Lock()]})

    with pytest.raises(NotSerialisable) as refused:
        await content_of(fetch)
    assert str(refused.value).startswith("step '0' (\"fetch\") content.items[0] is of type _thread.lock")


async def test_state_that_cannot_be_kept_names_the_step_and_the_key():
    def leave(step_input: StepInput, run_context) -> str:
        run_context.session_state["lock"] = threading.Lock()
        return "x"

    with pytest.raises(NotSerialisable) as refused:
        await content_of(leave)
    assert refused.value.where == "step '0' (\"fetch\") session_state.lock"


async def test_the_header_of_a_result_says_what_the_interpreter_must_know():
    def fetch(step_input: StepInput) -> StepOutput:
        return StepOutput(content="x", success=False, error="no rows", stop=True)

    result = await ByHand(release(Step(name="fetch", executor=fetch)), "x").result("0")
    assert (result.success, result.error, result.stop, result.media) == (False, "no rows", True, False)
    assert result.size == len(json.dumps(result.body, separators=(",", ":"), ensure_ascii=False).encode())


async def test_a_step_reads_earlier_runs_from_the_session_it_is_given():
    def history(step_input: StepInput) -> str:
        return str(step_input.get_workflow_history())

    run = ByHand(release(Step(name="history", executor=history)), "x")
    earlier = WorkflowRunOutput(input="a", content="b", status="COMPLETED")
    session = WorkflowSession("session-1", runs=[earlier])
    task = StepTask(run.facts, "0", "history", 1, Flow())
    live = run.compiled.live["0"]
    assert isinstance(live, LiveStep)
    result = await run_leaf(live, task, run.request, Bodies(task), in_thread, session=session)
    assert result.body["output"]["content"] == "[('a', 'b')]"


async def test_a_function_may_not_say_that_it_is_paused():
    def wait(step_input: StepInput) -> StepOutput:
        return StepOutput(content="x", is_paused=True)

    with pytest.raises(UnsupportedAtRunTime, match="only agents and teams may"):
        await content_of(wait)


async def test_a_teams_members_may_come_from_a_factory():
    team = Team(name="Desk", members=lambda: [writer()], model=ScriptedModel(task="Lead"), telemetry=False)
    run = ByHand(release(Step(name="lead", team=team)), "bees")
    assert run.run(await run.step("0")).content == "Lead (bees)"
