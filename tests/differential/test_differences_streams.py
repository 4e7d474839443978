"""Streams, where they differ from agno's (docs/differences.md, "Streams")."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from agno.exceptions import RunNotContinuableError
from agno.run.agent import RunContentEvent
from agno.run.base import RunStatus
from agno.workflow import Condition, HumanReview, Loop, Parallel, Step, Steps, Workflow
from agno.workflow.types import StepInput, StepProgress
from temporalio.client import Client

from tests.differential.blocks import agent, fails, flow, says, tells
from tests.differential.oracle import Recorder
from tests.differential.streams import StreamOracle
from tests.differential.test_cancelled_at_work import stop
from tests.differential.test_streams_pauses import confirm, gate, reject
from tests.differential.test_workflow_agents import fronted
from tests.running.test_workflow_agents import asked
from tests.streams.test_sameness import broken
from tests.support import PATIENCE, Bench, eventually
from tests.tool_script import answered, caller, drop, send, yes

REVIEWED = HumanReview(requires_iteration_review=True, on_reject="retry")


@pytest.fixture
def streams(client: Client) -> StreamOracle:
    return StreamOracle(client)


async def test_a_streamed_agents_run_is_completed_when_it_is(streams: StreamOracle) -> None:
    """agno leaves the agent's generator at its last item, and the agent takes that for a cancellation."""
    agno, ours = await streams.ask(lambda: flow(agent("Ann")), "go")
    await asyncio.sleep(0)
    assert agno.run.step_executor_runs[0].status == RunStatus.cancelled
    assert ours.run.step_executor_runs[0].status == RunStatus.completed


async def test_an_unmet_condition_has_an_output_in_a_stream_too(streams: StreamOracle) -> None:
    box = Condition(name="box", evaluator=False, steps=[says("a")])
    agno, ours = await streams.ask(lambda: flow(box, says("z")), "go")
    assert [output.step_name for output in agno.run.step_results] == ["z"]
    assert [output.step_name for output in ours.run.step_results] == ["box", "z"]


async def test_results_of_branches_are_in_the_order_of_the_branches_in_a_stream_too(streams: StreamOracle) -> None:
    async def slow(step_input: StepInput) -> str:
        await asyncio.sleep(0.3)
        return "slow"

    agno, ours = await streams.ask(lambda: flow(Parallel(Step(name="slow", executor=slow), says("quick"), name="box")))
    shown = [[step.step_name for step in one.run.step_results[0].steps] for one in (agno, ours)]
    assert shown == [["quick", "slow"], ["slow", "quick"]]


async def test_a_model_that_is_not_reached_is_no_exception_in_a_stream_either(streams: StreamOracle) -> None:
    """In agno the step is tried again, and its error policy applies; without streaming neither."""
    agno, ours = await streams.ask(broken, "go")
    assert [one.names.count("RunError") for one in (agno, ours)] == [2, 1]
    assert [one.run.step_results[0].content for one in (agno, ours)] == [
        "Step skipped due to error: Step 'asks' executor (agent) failed: no such model",
        "no such model",
    ]


async def test_a_failed_run_says_the_same_streamed_or_not(streams: StreamOracle) -> None:
    agno, ours = await streams.ask(lambda: flow(fails("f", human_review=HumanReview(on_error="fail"))), "go")
    assert agno.run.content == "attempt 1 of f"
    assert ours.run.content == "Workflow execution failed: attempt 1 of f"


async def test_a_loop_that_is_sent_on_tells_its_next_iteration(streams: StreamOracle) -> None:
    """agno's begins anew at the first one, every time (D16)."""

    def make() -> Any:
        return flow(Loop(name="box", steps=[says("a")], max_iterations=2, human_review=REVIEWED))

    agno, ours = await streams.ask(make, "go", reject)
    begun = [[event.iteration for event in one.events if event.event == "LoopIterationStarted"] for one in (agno, ours)]
    assert begun == [[1, 1], [1, 2]]


async def test_a_gate_in_a_container_is_told_with_its_place(streams: StreamOracle) -> None:
    agno, ours = await streams.ask(
        lambda: flow(Steps(name="box", steps=[says("a", human_review=gate())])), "go", confirm
    )
    assert "StepPaused" not in agno.names
    paused, continued = (event for event in ours.events if event.event in ("StepPaused", "StepContinued"))
    assert (paused.step_name, paused.step_index, continued.step_index) == ("a", (0, 0), (0, 0))


async def test_what_is_told_of_a_pause_is_stored(bench: Bench) -> None:
    """agno tells first: who stops reading there leaves no run behind (D53)."""

    async def stored(workflow: Any, stream: AsyncIterator[Any]) -> bool:
        workflow.db = workflow.db or Recorder()
        async for event in stream:
            if event.event == "StepPaused":
                stored = workflow.get_run_output(bench.task_queue, session_id="s")
                return stored is not None and stored.is_paused
        raise AssertionError("it never paused")

    workflows = [flow(says("gate", human_review=gate())) for _ in range(2)]
    for workflow in workflows:
        workflow.db = Recorder()
    assert not await stored(workflows[0], workflows[0].arun("go", stream=True, run_id=bench.task_queue, session_id="s"))
    async with bench.worker(workflows[1]):
        durable = bench.durable(workflows[1])
        assert await stored(workflows[1], durable.arun("go", stream=True, run_id=bench.task_queue, session_id="s"))


async def test_what_a_streamed_run_cut_off_is_among_its_results(streams: StreamOracle) -> None:
    agno, ours = await streams.ask(lambda: flow(says("a"), stop()), "go")
    assert [output.step_name for output in agno.run.step_results] == ["a"]
    assert [(output.step_name, output.error) for output in ours.run.step_results] == [
        ("a", None),
        ("stops", "Cancelled during execution"),
    ]


async def test_leaving_a_stream_leaves_the_run_alone(bench: Bench) -> None:
    workflow = flow(says("a"), says("b"))
    workflow.db = Recorder()

    async def left(stream: Any) -> None:
        async for event in stream:
            if event.event == "StepStarted":
                break
        await stream.aclose()

    await left(workflow.arun("go", stream=True, stream_events=True, session_id="s"))

    async def cancelled() -> bool:
        return workflow.db.run is not None and workflow.db.run.status == RunStatus.cancelled

    await eventually("agno to cancel the run", cancelled)
    async with bench.worker(workflow):
        await left(bench.durable(workflow).arun("go", stream=True, stream_events=True, run_id=bench.task_queue))
        assert (await bench.ended(bench.task_queue)).status == "COMPLETED"


async def test_cancelling_a_stream_of_branches_ends_it(bench: Bench) -> None:
    """agno's hangs for ever (D47)."""

    async def talks(step_input: StepInput) -> AsyncIterator[Any]:
        for _ in range(10_000):
            yield StepProgress(content="on and on")
            await asyncio.sleep(0.05)

    workflow = flow(Parallel(Step(name="talks", executor=talks), says("a"), name="box"))
    async with bench.worker(workflow), asyncio.timeout(PATIENCE):
        durable = bench.durable(workflow)
        names: list[str] = []
        async for event in durable.arun("go", stream=True, stream_events=True, run_id=bench.task_queue):
            if event.event == "StepProgress" and "StepProgress" not in names:
                await durable.acancel_run(bench.task_queue)
            names.append(event.event)
    assert names[-2:] == ["WorkflowCancelled", "WorkflowCompleted"]


async def test_what_a_failed_attempt_said_is_not_kept(streams: StreamOracle, client: Client) -> None:
    """It is shown where it is said, and forgotten with the attempt."""

    def make() -> Any:
        attempts: list[int] = []

        def tries(step_input: StepInput) -> Iterator[Any]:
            attempts.append(1)
            yield StepProgress(content=f"attempt {len(attempts)}")
            if len(attempts) == 1:
                raise ValueError("not yet")

        return flow(Step(name="s", executor=tries))

    run_id = "what-a-failed-attempt-said"
    agno, _ = await streams.ask(make, "go", run_id=run_id)
    assert [event.content for event in agno.events if event.event == "StepProgress"] == ["attempt 1", "attempt 2"]
    kept = [event async for _, event in Bench(client, run_id).runs.events(run_id) if event.event == "StepProgress"]
    assert [event.content for event in kept] == ["attempt 2"]


async def test_agents_of_a_run_that_was_not_started_as_a_stream_are_not_heard(bench: Bench) -> None:
    """agno streams its agents from the continuation on. Here that is decided when the run starts."""
    workflow = flow(says("gate", human_review=gate()), agent("Ann"), tells())
    workflow.db = Recorder()
    run = await workflow.arun("go", session_id="s")
    confirm(run.step_requirements[-1])
    agno = [event.event async for event in await workflow.acontinue_run(run, stream=True)]
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go", session_id="t")
        confirm(run.step_requirements[-1])
        ours = [event.event async for event in await durable.acontinue_run(run, stream=True)]
    assert agno == [
        "StepContinued",
        "StepOutput",
        "RunContent",
        "RunContent",
        "RunContent",
        "StepOutput",
        "WorkflowCompleted",
    ]
    assert ours == ["StepContinued", "StepOutput", "StepOutput", "WorkflowCompleted"]


async def test_events_have_numbers(streams: StreamOracle) -> None:
    """By which a reader comes back (`RunClient.events`). What is shown before it is durable has none."""
    agno, ours = await streams.ask(lambda: flow(says("a")), "go")
    assert [event.event_index for event in agno.events] == [None] * 5
    assert [event.event_index for event in ours.events] == list(range(5))


def pausing(*turns: list[Any]) -> Any:
    return flow(Step(name="subject", agent=caller(*turns, tools=[drop, send])))


DROP = ("drop", {"table": "users"})


async def test_an_agent_that_paused_in_a_stream_goes_on(bench: Bench) -> None:
    workflow = pausing([DROP])
    workflow.db = Recorder()
    async for _ in workflow.arun("go", stream=True, session_id="s"):
        pass
    run = workflow.db.run
    answered(yes)(run.step_requirements[-1])
    await asyncio.sleep(0.1)
    with pytest.raises(RunNotContinuableError):
        async for _ in await workflow.acontinue_run(run, stream=True):
            pass
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        async for _ in durable.arun("go", stream=True, run_id=bench.task_queue):
            pass
        await asyncio.sleep(0.1)
        run = await durable.aget_run_output(bench.task_queue)
        answered(yes)(run.step_requirements[-1])
        names = [event.event async for event in await durable.acontinue_run(run, stream=True)]
    assert names == ["StepExecutorContinued", "RunContent", "WorkflowCompleted"]


async def test_an_answered_tool_is_told_as_it_was_asked(streams: StreamOracle) -> None:
    agno, ours = await streams.ask(lambda: pausing([DROP]), "go", answered(yes))
    tools = [next(event.tool for event in one.legs[1] if event.event == "ToolCallCompleted") for one in (agno, ours)]
    assert [tool.requires_confirmation for tool in tools] == [False, True]


async def test_a_second_pause_says_what_it_is_for(streams: StreamOracle) -> None:
    agno, ours = await streams.ask(lambda: pausing([DROP], [("send", {"subject": "s"})]), "go", answered(yes))
    said = [one.legs[1][-2].content for one in (agno, ours)]
    assert [text.removeprefix("I have tools to execute, but I need ") for text in said] == [
        "confirmation.",
        "user input.",
    ]


async def test_a_paused_agent_goes_on_without_events_where_none_are_wanted(streams: StreamOracle) -> None:
    agno, ours = await streams.ask(lambda: pausing([DROP]), "go", answered(yes), stream_events=False)
    assert "ToolCallStarted" in agno.names
    assert [event.event for event in ours.legs[1]] == ["StepExecutorContinued", "RunContent", "WorkflowCompleted"]


async def test_the_agent_in_front_ends_before_its_workflow_does(streams: StreamOracle) -> None:
    agno, ours = await streams.ask(lambda: fronted([asked("the query")], says("a")), "please")
    assert agno.names[-2:] == ["WorkflowCompleted", "WorkflowAgentCompleted"]
    assert ours.names[-2:] == ["WorkflowAgentCompleted", "WorkflowCompleted"]
    assert ours.names[:2] == agno.names[:2] == ["WorkflowAgentStarted", "WorkflowStarted"]


async def test_steps_behind_an_agent_are_told_as_any_others(streams: StreamOracle) -> None:
    def make() -> Workflow:
        return fronted([asked("the query")], agent("Ann"))

    agno, ours = await streams.ask(make, "please", stream_events=False)
    assert "StepStarted" in agno.names
    assert "StepStarted" not in ours.names
    agno, ours = await streams.ask(make, "please", stream_events=True)
    assert "StepStarted" in agno.names
    assert "StepStarted" in ours.names
    assert "RunStarted" not in agno.names
    assert "RunStarted" in ours.names


async def test_a_generator_in_the_place_of_the_steps_says_nothing(streams: StreamOracle) -> None:
    def whole() -> Iterator[Any]:
        yield RunContentEvent(content="one ")
        yield RunContentEvent(content="two")

    agno, ours = await streams.ask(lambda: Workflow(name="subject", steps=whole), "go")
    assert agno.names == ["WorkflowStarted", "RunContent", "RunContent", "WorkflowCompleted"]
    assert ours.names == ["WorkflowStarted", "WorkflowCompleted"]
    assert agno.run.content == ours.run.content == "one two"
