"""A step that cancels its own run: by agno's exception, or by its registry of runs. Nothing comes behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from agno.exceptions import RunCancelledException
from agno.run import RunContext
from agno.run.base import RunStatus
from agno.run.cancel import (
    acancel_run,
    cancel_run,
    get_active_runs,
    get_cancellation_manager,
    set_cancellation_manager,
)
from agno.run.cancellation_management.in_memory_cancellation_manager import InMemoryRunCancellationManager
from agno.workflow import Condition, HumanReview, Loop, Router, Step, Steps
from agno.workflow.types import StepInput
from temporalio.client import Client

from agno_temporal import StepOptions
from tests.differential.blocks import flow, says, tells
from tests.differential.oracle import Oracle
from tests.differential.streams import StreamOracle
from tests.support import Bench


def raises(step_input: StepInput) -> str:
    raise RunCancelledException("there is no such release")


def raises_without_a_word(step_input: StepInput) -> str:
    raise RunCancelledException("")


def cancels(step_input: StepInput, run_context: RunContext) -> str:
    assert cancel_run(run_context.run_id)
    return "is not kept"


async def cancels_async(step_input: StepInput, run_context: RunContext) -> str:
    assert await acancel_run(run_context.run_id)
    return "is not kept"


def cancels_and_goes_on(step_input: StepInput, run_context: RunContext) -> Iterator[str]:
    yield "one "
    cancel_run(run_context.run_id)
    yield "two"


def stop(executor: Any = raises, **options: Any) -> Step:
    return Step(name="stops", executor=executor, **options)


WAYS = {
    "an exception": stop,
    "an exception without a word": lambda: stop(raises_without_a_word),
    "the registry": lambda: stop(cancels),
    "the registry, asynchronously": lambda: stop(cancels_async),
    "with retries left": lambda: stop(max_retries=3),
    "under skip_on_failure": lambda: stop(skip_on_failure=True),
    "under skip": lambda: stop(human_review=HumanReview(on_error="skip")),
    "under fail": lambda: stop(human_review=HumanReview(on_error="fail")),
    "under pause": lambda: stop(human_review=HumanReview(on_error="pause")),
}

CONTAINERS: dict[str, Callable[[Step], Any]] = {
    "Steps": lambda step: Steps(name="c", steps=[says("a"), step, tells("b")]),
    "Loop": lambda step: Loop(name="c", steps=[says("a"), step, tells("b")], max_iterations=2),
    "Condition": lambda step: Condition(name="c", evaluator=True, steps=[step]),
    "Router": lambda step: Router(name="c", choices=[step], selector=lambda _: "stops"),
}

CALLABLES = {
    "an evaluator": lambda: Condition(name="c", evaluator=raises, steps=[says("a")]),
    "a selector": lambda: Router(name="c", choices=[says("a")], selector=raises),
    "an end condition": lambda: Loop(name="c", steps=[says("a")], max_iterations=2, end_condition=raises),
}


@pytest.mark.parametrize("step", WAYS.values(), ids=WAYS)
async def test_a_step_cancels_its_run_whatever_its_policies_are(oracle_with_db: Oracle, step: Callable[[], Step]):
    seen = await oracle_with_db.agrees(lambda: flow(says("first"), step(), tells()), "go")
    assert seen.last.status == RunStatus.cancelled


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("way", [raises, cancels])
async def test_a_step_in_a_container_cancels_its_run(oracle: Oracle, container: Callable[[Step], Any], way: Any):
    seen = await oracle.agrees(lambda: flow(says("first"), container(stop(way)), tells()), "go")
    assert seen.last.status == RunStatus.cancelled


@pytest.mark.parametrize("node", CALLABLES.values(), ids=CALLABLES)
async def test_what_a_container_asks_cancels_the_run(oracle: Oracle, node: Callable[[], Any]):
    await oracle.agrees(lambda: flow(says("first"), node(), tells()), "go")


async def test_a_function_in_the_place_of_the_steps_cancels_its_run(oracle: Oracle):
    def only(workflow: Any, execution_input: Any) -> str:
        raise RunCancelledException("not today")

    def make() -> Any:
        workflow = flow()
        workflow.steps = only
        return workflow

    seen = await oracle.agrees(make, "go")
    assert seen.last.status == RunStatus.cancelled


@pytest.mark.parametrize("way", [raises, cancels, cancels_and_goes_on])
async def test_the_stream_says_so(client: Client, way: Any):
    await StreamOracle(client).agrees(lambda: flow(says("first"), stop(way), tells()), "go", ignoring=("step_results",))


async def test_a_quick_step_cancels_its_run(bench: Bench):
    ran: list[str] = []

    def once(step_input: StepInput) -> str:
        ran.append("once")
        raise RunCancelledException("enough")

    workflow = flow(Step(name="quick", executor=once), tells())
    async with bench.worker(workflow, steps=StepOptions(quick=True)):
        run = await bench.durable(workflow).arun("go")
    assert (run.status, run.content, ran) == (RunStatus.cancelled, "enough", ["once"])


async def test_a_run_that_has_ended_is_in_no_registry(bench: Bench):
    workflow = flow(says("a"), stop(cancels))
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("go")
    assert run.run_id not in get_active_runs()


async def test_a_registry_that_is_away_costs_no_step_its_result(bench: Bench):
    class Away(InMemoryRunCancellationManager):
        async def aregister_run(self, run_id: str) -> None:
            raise ConnectionError("no Redis")

        araise_if_cancelled = acleanup_run = aregister_run

    before, workflow = get_cancellation_manager(), flow(says("a"))
    set_cancellation_manager(Away())
    try:
        async with bench.worker(workflow):
            run = await bench.durable(workflow).arun("go")
    finally:
        set_cancellation_manager(before)
    assert (run.status, run.content) == (RunStatus.completed, "a says")
