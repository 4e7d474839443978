"""What a deadline does to an agent that waits for a human. agno has none there: the run waits for ever."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from tests.running.executor_scenes import DROP, allowed, tool_scene
from tests.running.tools import HOURS_72, Clock, deciders, refusal_of, replays
from tests.support import Bench
from tests.tool_script import caller, send

PLACES = ["top level", "Parallel"]


async def after_the_deadline(bench: Bench, clock: Clock, workflow: Workflow) -> Any:
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x")
        await bench.paused(run_id)
        await clock.forward(run_id, HOURS_72 + 1)
        run = await bench.ended(run_id)
        await replays(bench.client, run_id)
        assert deciders(run) == ["system:timer"]
        return await bench.runs.run_output(run_id)


@pytest.mark.parametrize("place", PLACES)
async def test_approve_lets_the_tool_run(bench: Bench, clock: Clock, place: str) -> None:
    at = tool_scene(place=place, timeout=HOURS_72, on_timeout="approve")
    run = await after_the_deadline(bench, clock, at.workflow)
    assert at.ran == ["before", "drop users", "after"]
    assert "got dropped users" in run.content


@pytest.mark.parametrize("place", PLACES)
async def test_reject_tells_the_model_that_nobody_answered(bench: Bench, clock: Clock, place: str) -> None:
    at = tool_scene(place=place, timeout=HOURS_72, on_timeout="reject", on_reject="cancel")
    run = await after_the_deadline(bench, clock, at.workflow)
    assert at.ran == ["before", "after"]
    assert "got Nobody answered in time." in run.content


@pytest.mark.parametrize("place", PLACES)
async def test_skip_leaves_the_step_out(bench: Bench, clock: Clock, place: str) -> None:
    at = tool_scene(place=place, timeout=HOURS_72, on_timeout="skip")
    run = await after_the_deadline(bench, clock, at.workflow)
    assert (run.status.value, at.ran) == ("COMPLETED", ["before", "after"])
    assert "got" not in run.content


@pytest.mark.parametrize("place", PLACES)
async def test_cancel_ends_the_run(bench: Bench, clock: Clock, place: str) -> None:
    at = tool_scene(place=place, timeout=HOURS_72, on_timeout="cancel")
    run = await after_the_deadline(bench, clock, at.workflow)
    assert (run.status.value, at.ran) == ("CANCELLED", ["before"])
    assert run.content == "Workflow cancelled: Step 'gate' was rejected"


@pytest.mark.parametrize(
    ("policy", "ends"),
    [
        ({"on_timeout": "approve"}, "CANCELLED"),
        ({"on_timeout": "reject", "on_reject": "skip"}, "COMPLETED"),
        ({"on_timeout": "reject", "on_reject": "retry"}, "CANCELLED"),
    ],
)
async def test_a_form_that_nobody_filled_in_is_not_approved(
    bench: Bench, clock: Clock, policy: dict[str, str], ends: str
) -> None:
    agent = caller([("send", {"subject": "s"})], tools=[send])
    step = Step(name="gate", agent=agent, human_review=HumanReview(timeout=HOURS_72, **policy))
    run = await after_the_deadline(bench, clock, Workflow(name="form", steps=[step]))
    assert run.status.value == ends


async def test_every_turn_has_its_own_deadline(bench: Bench, clock: Clock) -> None:
    at = tool_scene([DROP], [("drop", {"table": "logs"})], timeout=HOURS_72, on_timeout="skip")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [first] = await bench.paused(run_id)
        await clock.forward(run_id, HOURS_72 - 10)
        await bench.runs.decide(run_id, allowed(first))
        [second] = await bench.paused(run_id)
        await clock.forward(run_id, 60)
        assert await bench.paused(run_id) == [second]
        await clock.forward(run_id, HOURS_72)
        await bench.ended(run_id)
        late = await refusal_of(bench, run_id, allowed(second))

    assert at.ran == ["before", "drop users", "after"]
    assert late.winner is not None
