"""A function in the place of a workflow's steps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

import pytest
from agno.media import Image
from agno.run.base import RunStatus
from agno.workflow import HumanReview, Loop, Step, Workflow
from agno.workflow.decorators import pause
from agno.workflow.types import StepOutput, WorkflowExecutionInput
from pydantic import BaseModel

from agno_temporal import PlanError
from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.contract.request import RunRequest
from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle
from tests.support import Bench


class Topic(BaseModel):
    title: str


def told(execution_input: WorkflowExecutionInput) -> str:
    return f"{execution_input!r}"


def nothing() -> None:
    return None


def table(workflow: Workflow, execution_input: WorkflowExecutionInput) -> dict[str, Any]:
    return {"name": workflow.name, "a": [1, 2.0, None], "input": execution_input.input}


def model() -> Topic:
    return Topic(title="Bees")


def output() -> StepOutput:
    return StepOutput(content="not unpacked", success=False)


def chunks(execution_input: WorkflowExecutionInput) -> Iterator[Any]:
    yield "one "
    yield StepOutput(content="two ")
    yield StepOutput(content={"three": 3})
    yield 4


async def coroutine(workflow: Workflow, execution_input: WorkflowExecutionInput) -> str:
    answer = await agent("Ann").arun(execution_input.input)
    return f"{workflow.name}: {answer.content}"


async def async_chunks(execution_input: WorkflowExecutionInput) -> AsyncIterator[Any]:
    yield "one "
    yield StepOutput(content="two ")


def with_more(execution_input: WorkflowExecutionInput, more: str) -> str:
    return f"{execution_input.input} {more}"


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "text": told,
    "nothing": nothing,
    "a dict": table,
    "a model": model,
    "an output": output,
    "a generator": chunks,
    "a coroutine function": coroutine,
    "an async generator": async_chunks,
    "a lambda": lambda: [1, 2],
    "a partial": partial(with_more, more="more"),
}


def whole(function: Callable[..., Any], **options: Any) -> Workflow:
    return Workflow(name="subject", steps=function, **options)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
async def test_a_whole_workflow_that_is(oracle: Oracle, function: Callable[..., Any]) -> None:
    await oracle.agrees(lambda: whole(function), "go")


async def test_what_it_is_given(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: whole(told, input_schema=Topic, dependencies={"d": 1}, metadata={"m": 1}),
        {"title": "Bees"},
        additional_data={"a": 1},
        images=[Image(id="i", url="https://example.org/i.png")],
        user_id="ana",
    )


@pytest.mark.parametrize("function", [with_more, lambda **kwargs: repr(kwargs.get("more"))], ids=["named", "any"])
async def test_what_else_the_caller_gives_it(oracle: Oracle, function: Callable[..., Any]) -> None:
    await oracle.agrees(lambda: whole(function), "go", more=Topic(title="Bees"))


async def test_one_that_takes_anything_is_given_the_state(oracle: Oracle) -> None:
    def takes(execution_input: Any, **more: Any) -> str:
        return repr({name: more[name].get("a") for name in more if name == "session_state"})

    await oracle.agrees(lambda: whole(takes), "go", session_state={"a": 1})


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
async def test_a_step_that_is_a_workflow_that_is(oracle: Oracle, function: Callable[..., Any]) -> None:
    await oracle.agrees(lambda: flow(says("a"), Step(name="n", workflow=whole(function, id="inner")), tells()), "go")


async def test_a_workflow_in_a_loop(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(Loop(name="l", steps=[whole(table, id="inner")], max_iterations=2)), "go")


async def test_a_nested_one_is_tried_as_often_as_its_step_says(oracle: Oracle) -> None:
    def make(review: HumanReview) -> Workflow:
        attempts = 0

        def works_at_last() -> str:
            nonlocal attempts
            attempts += 1
            if attempts <= 2:
                raise ValueError(f"attempt {attempts}")
            return f"works at attempt {attempts}"

        return flow(Step(name="n", workflow=whole(works_at_last, id="inner"), max_retries=2, human_review=review))

    await oracle.agrees(lambda: make(HumanReview(on_error="fail")))


async def test_an_argument_that_it_does_not_take_is_refused(bench: Bench) -> None:
    durable = bench.durable(whole(told))
    with pytest.raises(TypeError, match="run\\(\\) has no option 'more'"):
        await durable.arun("go", more=1)
    with pytest.raises(TypeError, match="run\\(\\) has no option 'workflow'"):
        await durable.arun("go", workflow=1)


async def test_the_worker_refuses_an_argument_too(bench: Bench) -> None:
    workflow = whole(told)
    async with bench.worker(workflow):
        run_id = f"{bench.task_queue}-run"
        await bench.runs.start("subject", RunRequest(input="go", kwargs={"more": 1}), run_id)
        manifest = await bench.ended(run_id)
    assert manifest.content == "Workflow execution failed: kwargs: the workflow takes no 'more'."


def test_a_gate_on_it_is_refused() -> None:
    @pause(requires_confirmation=True)
    def gated(execution_input: WorkflowExecutionInput) -> str:
        return "never asked"

    with pytest.raises(PlanError, match="@pause on a function that is the whole workflow"):
        compile_workflow(whole(gated))


async def test_it_can_be_cancelled(bench: Bench) -> None:
    async def never_ends() -> None:
        import asyncio

        await asyncio.sleep(3600)

    workflow = whole(never_ends)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go", background=True)
        assert await durable.acancel_run(run.run_id)
        manifest = await bench.ended(run.run_id)
    assert manifest.status == RunStatus.cancelled.value
    assert manifest.step_results == ()
