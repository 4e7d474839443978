"""A step that holds up the worker's event loop is taken for lost; one on a thread is not (docs/limits.md)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import Step, Workflow

from agno_temporal import StepOptions
from tests.support import Bench

LOST_AFTER = 1.0
WORK = 2.5

began: list[float] = []


def work() -> str:
    """Takes its time the first time, as a synchronous library would that has to wait."""
    began.append(time.monotonic())
    if len(began) == 1:
        time.sleep(WORK)
    return "done"


async def on_the_loop(step_input: Any) -> str:
    return work()


def on_a_thread(step_input: Any) -> str:
    return work()


async def handed_over(step_input: Any) -> str:
    return await asyncio.to_thread(work)


@pytest.mark.parametrize(("executor", "again"), [(on_the_loop, True), (on_a_thread, False), (handed_over, False)])
async def test_it_is_begun_again_only_where_it_blocks_the_loop(
    bench: Bench, executor: Callable[..., Any], again: bool
) -> None:
    began.clear()
    workflow = Workflow(name="blocking", steps=[Step(name="work", executor=executor)])
    async with bench.worker(workflow, steps=StepOptions(heartbeat_timeout=LOST_AFTER)):
        run = await bench.ended(await bench.start(workflow))

    assert run.status == "COMPLETED"
    assert (len(began) > 1) is again
