"""The plugin, in whatever company: it adds to a client and a worker, and takes nothing of theirs away.

Users attach a plugin to the client, to the worker, or to both; have workflows and activities of their own beside it;
and have interceptors that all of it goes through. What cannot work together is refused when the worker is made, with
the way out.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview, StepInput
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    Interceptor,
    Worker,
    WorkerTuner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from agno_temporal import AgnoPlugin, PlanError, StepOptions, Webhook, Webhooks
from tests.support import Bench


def hello(name: str = "hello", says: str = "hello") -> Workflow:
    return Workflow(name=name, steps=[Step(name="a", executor=lambda step_input: f"{says} {step_input.input}")])


def connected(client: Client, **settings: Any) -> Client:
    """The same client with other settings."""
    return Client(**{**client.config(), **settings})


async def greeting(client: Client, queue: str, agno: Workflow | None = None) -> Any:
    return (await Bench(client, queue).durable(agno or hello()).arun("bees")).content


BOTH = pytest.mark.filterwarnings("ignore:The same plugin type:UserWarning")
"""Temporal warns of any plugin that is on both."""


@BOTH
@pytest.mark.parametrize("on", ["client", "worker", "both"])
async def test_it_may_be_on_the_client_on_the_worker_or_on_both(bench: Bench, on: str) -> None:
    plugin = AgnoPlugin([hello()])
    client = connected(bench.client, plugins=[plugin] if on != "worker" else [])
    async with Worker(client, task_queue=bench.task_queue, plugins=[plugin] if on != "client" else []):
        assert await greeting(client, bench.task_queue) == "hello bees"


async def test_it_may_serve_two_workers(bench: Bench) -> None:
    client = connected(bench.client, plugins=[AgnoPlugin([hello()])])
    other = f"{bench.task_queue}-other"
    async with Worker(client, task_queue=bench.task_queue), Worker(client, task_queue=other):
        assert await greeting(client, bench.task_queue) == await greeting(client, other) == "hello bees"


@BOTH
async def test_two_different_plugins_on_one_worker_are_refused(bench: Bench) -> None:
    client = connected(bench.client, plugins=[AgnoPlugin([hello()])])
    with pytest.raises(ValueError, match=r"Give one plugin all workflows: AgnoPlugin\(workflows=\[a, b\]\)"):
        Worker(client, task_queue=bench.task_queue, plugins=[AgnoPlugin([hello("other")])])


@workflow.defn(dynamic=True)
class Anything:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        return "anything"


async def test_another_dynamic_workflow_on_the_worker_is_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match=r"a dynamic workflow already, Anything.*two workers with two task queues"):
        Worker(bench.client, task_queue=bench.task_queue, workflows=[Anything], plugins=[AgnoPlugin([hello()])])


@activity.defn
async def own_activity(name: str) -> str:
    return f"own {name}"


@workflow.defn
class Own:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(own_activity, name, start_to_close_timeout=timedelta(seconds=10))


async def test_the_users_own_workflows_and_activities_work_beside_it(bench: Bench) -> None:
    async with bench.worker(hello(), workflows=[Own], activities=[own_activity]):
        where = {"id": f"own-{bench.task_queue}", "task_queue": bench.task_queue}
        assert await bench.client.execute_workflow(Own.run, "x", **where) == "own x"
        assert await greeting(bench.client, bench.task_queue) == "hello bees"


async def test_the_users_interceptors_see_its_activities_and_workflows(bench: Bench) -> None:
    seen: list[str] = []

    class Activities(ActivityInboundInterceptor):
        async def execute_activity(self, input: ExecuteActivityInput) -> Any:
            seen.append(activity.info().activity_type)
            return await super().execute_activity(input)

    class Runs(WorkflowInboundInterceptor):
        async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
            seen.append(workflow.info().workflow_type)
            return await super().execute_workflow(input)

    class Seeing(Interceptor):
        def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
            return Activities(next)

        def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
            return Runs

    async with bench.worker(hello(), interceptors=[Seeing()]):
        await greeting(bench.client, bench.task_queue)
    assert seen == ["hello", "agno.open_run", "agno.run_step"]


def test_two_different_workflows_of_one_id_are_refused() -> None:
    with pytest.raises(PlanError, match="another workflow of this id is registered here"):
        AgnoPlugin([hello(), Workflow(name="hello", steps=[Step(name="b", executor=lambda _: "other")])])


def test_two_workflows_of_one_id_with_the_same_steps_are_refused() -> None:
    """Their functions may hold something else: one made for each customer."""
    with pytest.raises(PlanError, match="another workflow of this id is registered here"):
        AgnoPlugin([hello(), hello()])


def test_of_one_whose_steps_were_changed_since_it_is_said_that_they_were() -> None:
    plugin = AgnoPlugin([workflow := hello()])
    workflow.steps = [*workflow.steps, Step(name="b", executor=lambda _: "other")]  # type: ignore[list-item,misc]
    with pytest.raises(PlanError, match="its steps were changed since it was registered here"):
        plugin.add(workflow)


def test_one_that_is_added_later_takes_the_place_of_one_with_the_same_steps() -> None:
    plugin, mended = AgnoPlugin([hello()]), hello()
    plugin.add(mended)
    assert plugin.registry.is_of(mended, "hello")


def test_the_same_workflow_twice_is_harmless() -> None:
    twice = hello()
    assert AgnoPlugin([twice, twice]).registry.names() == ["hello"]


def test_every_fault_of_a_workflow_is_named_when_it_is_registered() -> None:
    review = HumanReview(requires_confirmation=True, on_timeout="aprove", timeout=1)
    wrong = Workflow(name="wrong", steps=[Step(name="a", executor=lambda _: "", human_review=review)])
    with pytest.raises(PlanError, match="aprove"):
        AgnoPlugin([wrong])


def test_step_options_for_a_workflow_that_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="step_options names workflow 'other', which is not registered"):
        AgnoPlugin([hello()], step_options={"other": {}})


def test_step_options_are_by_the_id_that_agno_gives_a_workflow_of_that_name() -> None:
    plugin = AgnoPlugin([hello("Data Pipeline")], step_options={"data-pipeline": {"a": StepOptions(task_queue="gpu")}})
    [step] = plugin.registry.get("data-pipeline").plan.steps
    assert step.options.task_queue == "gpu"


def test_so_a_step_that_is_not_there_is_refused() -> None:
    with pytest.raises(PlanError, match="is no step of this workflow"):
        AgnoPlugin([hello("Data Pipeline")], step_options={"data-pipeline": {"b": StepOptions(task_queue="gpu")}})


async def test_a_durable_workflow_stands_for_the_workflow_in_it(bench: Bench) -> None:
    durable = bench.durable(hello())
    async with bench.worker(durable):
        assert await greeting(bench.client, bench.task_queue, bench.durable(durable)) == "hello bees"


def test_options_and_webhooks_may_be_for_workflows_that_are_all_added_later() -> None:
    secret = f"whsec_{base64.b64encode(bytes(32)).decode()}"
    webhooks = Webhooks([Webhook("chat", url="https://chat.example.org/hook", secret=secret, workflows=["release"])])
    plugin = AgnoPlugin(webhooks=webhooks, step_options={"release": {"a": StepOptions(task_queue="gpu")}})
    [step] = plugin.add(hello("release")).plan.steps
    assert step.options.task_queue == "gpu"


async def test_a_workflow_may_be_added_while_the_worker_runs(bench: Bench) -> None:
    plugin = AgnoPlugin([hello()])
    async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin]):
        assert await greeting(bench.client, bench.task_queue) == "hello bees"
        plugin.add(hello("late", "late"))
        assert await greeting(bench.client, bench.task_queue, hello("late")) == "late bees"


async def test_a_worker_of_its_own_settings_keeps_them(bench: Bench) -> None:
    """Only what the user left at Temporal's default is set otherwise."""
    chosen = timedelta(seconds=7)
    worker = Worker(
        bench.client,
        task_queue=bench.task_queue,
        plugins=[AgnoPlugin([hello()])],
        sticky_queue_schedule_to_start_timeout=chosen,
        max_heartbeat_throttle_interval=chosen,
        max_concurrent_workflow_tasks=30,
    )
    config = worker.config(active_config=True)
    assert config["max_concurrent_workflow_tasks"] == 30
    assert config["sticky_queue_schedule_to_start_timeout"] == config["max_heartbeat_throttle_interval"] == chosen
    assert config["default_heartbeat_throttle_interval"] == timedelta(seconds=1)


async def test_a_tuner_of_the_users_own_says_how_many_tasks_there_are_at_once(bench: Bench) -> None:
    """Temporal refuses a number beside it."""
    tuner = WorkerTuner.create_fixed(workflow_slots=30)
    worker = Worker(bench.client, task_queue=bench.task_queue, plugins=[AgnoPlugin([hello()])], tuner=tuner)
    assert worker.config(active_config=True)["tuner"] is tuner


async def test_runs_that_are_all_woken_at_once_are_not_all_replayed_at_once(bench: Bench) -> None:
    """Python would replay a hundred at the pace of one, and each of them would be as late as the last."""
    worker = Worker(bench.client, task_queue=bench.task_queue, plugins=[AgnoPlugin([hello()])])
    assert worker.config(active_config=True)["max_concurrent_workflow_tasks"] == 10


async def waited_for_each_other(bench: Bench, steps: int, seconds: float, **options: Any) -> list[Any]:
    """What so many blocking steps give, of which none ends before all have begun."""
    together = threading.Barrier(steps)

    def wait_for_all(step_input: StepInput) -> str:
        together.wait(timeout=seconds)
        return "all"

    branches = [Step(name=f"s{index}", executor=wait_for_all, max_retries=0) for index in range(steps)]
    workflow = Workflow(name="wide", steps=[Parallel(*branches, name="all")])
    async with bench.worker(workflow, **options):
        run = await bench.durable(workflow).arun("x")
    return [step.content for step in run.step_results[0].steps]


async def test_more_steps_at_once_than_the_loops_own_threads(bench: Bench) -> None:
    """Forty blocking steps take as long as one: none waits for a thread."""
    assert await waited_for_each_other(bench, 40, 10) == ["all"] * 40


async def test_as_many_steps_at_once_as_a_tuner_allows(bench: Bench) -> None:
    tuner = WorkerTuner.create_fixed(activity_slots=120)
    assert await waited_for_each_other(bench, 120, 20, tuner=tuner) == ["all"] * 120
