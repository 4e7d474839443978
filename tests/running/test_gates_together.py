"""Several questions open at once, and the ids by which they are told apart.

In agno a run has one pause, and a step's id is the same in every iteration and attempt: a click that was meant for the
first would decide the second. Here each occurrence has an id of its own, and the branches of a Parallel wait each for
itself.
"""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from agno.workflow import Loop, Parallel, Step, Steps, Workflow
from agno.workflow.types import HumanReview, StepOutput

from tests.running.scenes import nested
from tests.running.tools import confirm, deciders, reject, replays
from tests.support import Bench, eventually


def gate(name: str, **review: Any) -> Step:
    def work(step_input: Any) -> str:
        return f"{name} ran"

    return Step(name=name, executor=work, human_review=HumanReview(**(review or {"requires_confirmation": True})))


def three_branches(**review: Any) -> Workflow:
    deep = nested("c-box", Steps(name="c-steps", steps=[gate("c", **review)]))
    return Workflow(name="three", steps=[Parallel(gate("a", **review), gate("b", **review), deep, name="all")])


@pytest.mark.parametrize("order", list(itertools.permutations("abc")), ids="".join)
async def test_gates_of_a_parallel_are_open_at_once_and_close_in_any_order(bench: Bench, order: tuple) -> None:
    workflow = three_branches()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        waiting = {asked.requirement.step_name: asked for asked in await bench.paused(run_id)}
        assert list(waiting) == ["a", "b", "c"]
        for number, name in enumerate(order, start=1):
            await bench.runs.decide(run_id, confirm(waiting[name], by=name))
            if number < 3:
                left = {asked.requirement.step_name for asked in await bench.paused(run_id)}
                assert left == set(order[number:])
        run = await bench.ended(run_id)
        output = await bench.runs.run_output(run_id)
    await replays(bench.client, run_id)

    assert deciders(run) == ["a", "b", "c"]
    assert [step.content for step in output.step_results[0].steps] == ["a ran", "b ran", "c ran"]


async def test_one_rejection_with_cancel_ends_the_run_and_closes_the_other_gates(bench: Bench) -> None:
    workflow = three_branches(requires_confirmation=True, on_reject="cancel")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        waiting = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(waiting[1], by="ana"))
        run = await bench.ended(run_id)
    await replays(bench.client, run_id)

    assert run.status == "CANCELLED"
    assert deciders(run) == ["system:cancel", "ana", "system:cancel"]


async def test_a_run_that_fails_closes_its_open_gates(bench: Bench) -> None:
    decided = threading.Event()

    def unserialisable(step_input: Any) -> Any:
        decided.wait(20)
        return StepOutput(content=threading.Lock())

    workflow = Workflow(name="fails", steps=[Parallel(gate("gate"), Step(name="lock", executor=unserialisable))])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        await eventually("the gate to open", lambda: bench.runs.requirements(run_id))
        decided.set()
        run = await bench.ended(run_id)

    assert (run.status, deciders(run)) == ("ERROR", ["system:cancel"])


async def test_one_rejection_with_skip_leaves_the_other_gates_open(bench: Bench) -> None:
    workflow = three_branches()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        waiting = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(waiting[1]))
        assert [asked.requirement.step_name for asked in await bench.paused(run_id)] == ["a", "c"]


async def test_a_gate_is_told_while_another_branch_still_works_and_can_be_decided(bench: Bench) -> None:
    """The run counts as paused once nothing but the gate is left, but nobody needs to wait for that."""
    decided = threading.Event()

    def slow(step_input: Any) -> str:
        assert decided.wait(20)
        return "slow ran"

    workflow = Workflow(name="mixed", steps=[Parallel(gate("gate"), Step(name="slow", executor=slow))])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await eventually("the gate to open", lambda: bench.runs.requirements(run_id))
        assert not (await bench.runs.manifest(run_id)).quiet
        await bench.runs.decide(run_id, confirm(asked))
        decided.set()
        assert (await bench.ended(run_id)).status == "COMPLETED"


async def test_each_iteration_has_a_requirement_of_its_own(bench: Bench) -> None:
    workflow = Workflow(name="rounds", steps=[Loop(name="loop", steps=[gate("step")], max_iterations=3)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        for _ in range(3):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, confirm(asked))
        run = await bench.ended(run_id)

    assert len({asked.requirement.id for asked in run.asked}) == 3
    assert [asked.requirement.occurrence for asked in run.asked] == [1, 2, 3]


async def test_each_attempt_has_a_requirement_of_its_own(bench: Bench) -> None:
    workflow = Workflow(name="attempts", steps=[gate("step", requires_output_review=True, on_reject="retry")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        for _ in range(3):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, reject(asked))
        await bench.paused(run_id)
        run = await bench.runs.manifest(run_id)

    assert len({asked.requirement.id for asked in run.asked}) == 4
    assert [asked.requirement.retry_count for asked in run.asked] == [0, 1, 2, 3]


async def test_confirmation_and_review_of_one_step_are_two_requirements(bench: Bench) -> None:
    workflow = Workflow(name="both", steps=[gate("step", requires_confirmation=True, requires_output_review=True)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [confirmation] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(confirmation))
        [review] = await bench.paused(run_id)

    assert [asked.requirement.kind.value for asked in (confirmation, review)] == ["confirmation", "output_review"]
    assert confirmation.requirement.id != review.requirement.id


async def test_two_runs_of_one_workflow_share_no_requirement(bench: Bench) -> None:
    workflow = Workflow(name="one", steps=[gate("step")])
    async with bench.worker(workflow):
        [first] = await bench.paused(await bench.start(workflow))
        [second] = await bench.paused(await bench.start(workflow))

    assert first.requirement.id != second.requirement.id


async def test_a_requirement_keeps_its_id_when_another_worker_takes_over(bench: Bench) -> None:
    workflow = three_branches()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        before = await bench.paused(run_id)
    async with bench.worker(workflow):
        assert await bench.paused(run_id) == before
