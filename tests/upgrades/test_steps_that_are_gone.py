"""A run follows the plan of the day it started, and the code has gone on since.

A step that is gone blocks its run, which names both versions. What stands in its place now is never run instead, and no
error policy takes the gap for a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import Condition, Loop, Router, Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.client import Blocked
from agno_temporal.hitl import Action, Decision
from tests.support import Bench, eventually


def step(name: str, ran: list[str], **settings: Any) -> Step:
    def run(step_input: Any) -> str:
        ran.append(name)
        return name

    return Step(name=name, executor=run, **settings)


def deploy(*steps: Any) -> Workflow:
    return Workflow(name="deploy", steps=list(steps))


def gate(ran: list[str]) -> Step:
    return step("gate", ran, human_review=HumanReview(requires_confirmation=True))


async def confirm(bench: Bench, run_id: str) -> None:
    (asked,) = await bench.paused(run_id)
    await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))


async def blocked(bench: Bench, run_id: str) -> Blocked:
    return (await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id)))[0]


async def paused_at_the_gate(bench: Bench, before: Workflow) -> str:
    async with bench.worker(before):
        run_id = await bench.start(before, "x")
        await bench.paused(run_id)
    return run_id


@pytest.mark.parametrize(
    ("now", "there"),
    [
        pytest.param(lambda ran: [], "nothing to run", id="removed"),
        pytest.param(lambda ran: [step("ship", ran)], 'the step "ship"', id="renamed"),
        pytest.param(lambda ran: [step("new", ran), step("publish", ran)], 'the step "new"', id="moved"),
        pytest.param(
            lambda ran: [Loop(name="publish", steps=[step("s", ran)])], 'the loop "publish"', id="another-kind"
        ),
    ],
)
async def test_a_step_that_is_gone_blocks_its_run_and_names_both_versions(
    bench: Bench, now: Callable[[list[str]], list[Any]], there: str
) -> None:
    ran: list[str] = []
    skipping = step("publish", ran, max_retries=0, skip_on_failure=True)
    run_id = await paused_at_the_gate(bench, deploy(gate(ran), skipping))
    async with bench.worker(deploy(gate(ran), *now(ran))):
        await confirm(bench, run_id)
        pending = await blocked(bench, run_id)
    assert pending.activity_id == "1#1"
    assert 'step \'1\' ("publish"): the run\'s plan has the step "publish" here' in pending.reason
    assert f"this worker's workflow has {there}." in pending.reason
    assert ran == ["gate"]


async def test_the_version_that_has_it_heals_the_run(bench: Bench) -> None:
    ran: list[str] = []
    right = deploy(gate(ran), step("publish", ran))
    run_id = await paused_at_the_gate(bench, right)
    async with bench.worker(deploy(gate(ran), step("ship", ran))):
        await confirm(bench, run_id)
        await blocked(bench, run_id)
    async with bench.worker(right):
        assert (await bench.ended(run_id)).status == "COMPLETED"
    assert ran == ["gate", "publish"]


async def test_a_blocked_run_can_be_cancelled(bench: Bench) -> None:
    ran: list[str] = []
    run_id = await paused_at_the_gate(bench, deploy(gate(ran), step("publish", ran)))
    async with bench.worker(deploy(gate(ran))):
        await confirm(bench, run_id)
        await blocked(bench, run_id)
        await bench.runs.cancel(run_id)
        assert (await bench.ended(run_id)).status == "CANCELLED"
    assert ran == ["gate"]


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        (lambda ran: Condition(name="c", evaluator=lambda _: True, steps=[step("s", ran)]), "condition"),
        (lambda ran: Router(name="c", selector=lambda _: "s", choices=[step("s", ran)]), "router"),
        (lambda ran: Condition(name="c", evaluator="input == 'x'", steps=[step("s", ran)]), "condition"),
    ],
    ids=["condition", "router", "condition-cel"],
)
async def test_a_callable_that_is_gone_blocks_as_well(bench: Bench, before: Any, kind: str) -> None:
    ran: list[str] = []
    run_id = await paused_at_the_gate(bench, deploy(gate(ran), before(ran)))
    async with bench.worker(deploy(gate(ran), step("c", ran))):
        await confirm(bench, run_id)
        pending = await blocked(bench, run_id)
    assert f'the run\'s plan has the {kind} "c" here, and this worker\'s workflow has the step "c"' in pending.reason
