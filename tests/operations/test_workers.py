"""Workers that do not fit: of two versions at once, and none on the queue of a step."""

from __future__ import annotations

import uuid

import pytest
from agno.workflow import Step, Workflow
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, StepOptions
from tests.cli.conftest import Cli
from tests.operations.page import Section
from tests.support import Bench, eventually


def deployed(ran: list[str], *names: str) -> Workflow:
    def step(name: str) -> Step:
        return Step(name=name, executor=lambda _: ran.append(name) or name)

    return Workflow(name="deploy", steps=[step(name) for name in names])


@pytest.mark.slow
async def test_of_two_versions_at_once_the_one_that_has_a_step_runs_it(bench: Bench, server: str) -> None:
    """A run begins with the plan of whoever opens it; where the other version takes a step that it does not have, the
    step is tried again until it comes to the right one."""
    old, new = list[str](), list[str]()
    async with bench.worker(deployed(old, "build", "publish")):
        run_ids = [await bench.start(deployed([], "build", "publish"))]
        other = Bench(await Client.connect(server), bench.task_queue)
        async with other.worker(deployed(new, "build", "ship")):
            run_ids += [await bench.start(deployed([], "build", "publish")) for _ in range(6)]
            runs = [await bench.ended(run_id) for run_id in run_ids]
            outputs = [(await bench.runs.run_output(run.run_id)).content for run in runs]

    assert {run.status for run in runs} == {"COMPLETED"}
    assert set(outputs) <= {"publish", "ship"}
    assert len(outputs) == len(old + new) / 2
    assert outputs.count("publish") == old.count("publish")
    assert outputs.count("ship") == new.count("ship")


async def test_a_step_in_a_queue_that_nobody_works_on_says_which(bench: Bench, cli: Cli) -> None:
    page = Section("Nobody works on the queue of a step")
    queue = f"gpu-{uuid.uuid4()}"
    workflow = Workflow(name="training", steps=[Step(name="train", executor=lambda _: "a model")])
    elsewhere = {"training": {"train": StepOptions(task_queue=queue)}}

    def plugin() -> AgnoPlugin:
        return AgnoPlugin([workflow], step_options=elsewhere)

    async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin()]):
        run_id = await bench.start(workflow)
        await eventually("the step to be blocked", lambda: bench.runs.blocked(run_id))
        shown = " ".join((await cli.ok("show", run_id)).split())
        async with Worker(bench.client, task_queue=queue, plugins=[plugin()]):
            run = await bench.ended(run_id)

    page.shows("No worker has polled task queue", shown)
    assert queue in shown
    assert run.status == "COMPLETED"
