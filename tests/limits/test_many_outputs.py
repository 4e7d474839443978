"""Many outputs, each of which Temporal takes, and which it would not take together: 40 of 60 KB are 2.4 MB."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview, StepInput, StepOutput

from tests.support import Bench

ROOT = Path(__file__).parents[2]

SIZE = 60_000

READER = """
import asyncio, hashlib, sys
from temporalio.client import Client
from agno_temporal import RunClient

async def main(address, queue, run_id):
    run = await RunClient(await Client.connect(address), queue).run_output(run_id)
    flat = [step for result in run.step_results for step in (result.steps or [result])]
    print(hashlib.sha256("".join(step.content for step in flat).encode()).hexdigest(), len(flat))

asyncio.run(main(*sys.argv[1:]))
"""


def forty() -> list[Step]:
    def returning(index: int) -> Any:
        return lambda step_input: f"{index:02}" * (SIZE // 2)

    return [Step(name=f"s{index}", executor=returning(index)) for index in range(40)]


EXPECTED = [f"{index:02}" * (SIZE // 2) for index in range(40)]


@pytest.mark.parametrize("beside", [False, True], ids=["in-a-row", "in-a-parallel"])
async def test_forty_outputs_of_60_kb_are_all_in_the_run(bench: Bench, beside: bool) -> None:
    workflow = Workflow(name="many", steps=[Parallel(*forty(), name="all")] if beside else forty())
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
    results = run.step_results[0].steps if beside else run.step_results
    assert [step.content for step in results] == EXPECTED


@pytest.mark.parametrize("beside", [False, True], ids=["in-a-row", "in-a-parallel"])
async def test_another_process_without_the_workflow_reads_them_all(bench: Bench, beside: bool) -> None:
    workflow = Workflow(name="many", steps=[Parallel(*forty(), name="all")] if beside else forty())
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x")
        await bench.ended(run_id)
    address = bench.client.service_client.config.target_host
    read = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", READER, address, bench.task_queue, run_id],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert read.stdout.split() == [hashlib.sha256("".join(EXPECTED).encode()).hexdigest(), "40"], read.stderr


def sizes(step_input: StepInput) -> StepOutput:
    return StepOutput(content=[len(output.content) for output in step_input.previous_step_outputs.values()])


async def test_a_step_after_them_sees_every_one(bench: Bench) -> None:
    workflow = Workflow(name="many", steps=[*forty(), Step(name="last", executor=sizes)])
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
    assert run.content == [SIZE] * 40


async def test_a_step_on_another_worker_reads_them_from_the_history(bench: Bench) -> None:
    """The worker that produced them has gone, and its cache with it."""
    gate = Step(name="last", executor=sizes, human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="many", steps=[*forty(), gate])
    durable = bench.durable(workflow)
    async with bench.worker(workflow):
        run = await durable.arun("x")
    async with bench.worker(workflow):
        run.steps_requiring_confirmation[0].confirm()
        run = await durable.acontinue_run(run)
    assert run.content == [SIZE] * 40
