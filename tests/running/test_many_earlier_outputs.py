"""A step of a run with hundreds of steps is given every output before it, though its task names only what is new: on
the worker that ran the others, on one that has seen none of them, and where the run was put back."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from agno.agent import Agent
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Workflow
from agno.workflow.types import StepInput
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, StepOptions
from agno_temporal.hitl import Action, Decision
from examples.scripted_model import ScriptedModel
from tests.differential.blocks import agent, flow, tells
from tests.differential.oracle import Oracle
from tests.support import Bench
from tests.upgrades.resets import reset, tasks

COUNT = 45


def says(number: int) -> Step:
    return Step(name=f"s{number}", executor=lambda _: f"{number} says")


def many(count: int = COUNT) -> list[Step]:
    return [says(number) for number in range(count)]


def told(step_input: StepInput) -> str:
    return " ".join(f"{name}={output.content}" for name, output in (step_input.previous_step_outputs or {}).items())


def counts(name: str) -> Step:
    """A step that says what it was given in few words: a text of all the texts before would double each time."""

    def count(step_input: StepInput) -> str:
        before = step_input.previous_step_outputs or {}
        text = repr({name: (output.content, step_input.get_step_content(name)) for name, output in before.items()})
        return f"{name}: {len(before)}, {[*before][-3:]}, {zlib.crc32(text.encode())}"

    return Step(name=name, executor=count)


def all_of(count: int = COUNT) -> str:
    return " ".join(f"s{number}={number} says" for number in range(count))


GATE = Step(name="gate", executor=lambda _: "open", human_review=HumanReview(requires_confirmation=True))


@pytest.fixture
def oracle(client: Client) -> Oracle:
    return Oracle(client, databases=(False,))


async def content(bench: Bench, workflow: Workflow, run_id: str) -> Any:
    await bench.ended(run_id)
    return (await bench.durable(workflow).aget_run_output(run_id)).content


async def confirmed(bench: Bench, run_id: str) -> None:
    (asked,) = await bench.paused(run_id)
    await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))


async def test_a_step_behind_many_is_given_what_agno_gives_it(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(*many(), tells("one"), tells("two"), agent("Ann"), tells("three")), "x")


async def test_so_are_those_in_containers_behind_many(oracle: Oracle) -> None:
    def make() -> Workflow:
        return flow(
            *many(),
            Parallel(counts("left"), counts("right"), name="both"),
            Loop(name="loop", steps=[counts("a")], max_iterations=3, forward_iteration_output=True),
            Loop(name="anew", steps=[counts("c"), counts("d")], max_iterations=2),
            Condition(name="if", evaluator=lambda given: "s3" in given.previous_step_outputs, steps=[counts("then")]),
            Router(name="way", selector=lambda given: [given.get_step_content("s1") and "e"], choices=[counts("e")]),
            counts("last"),
        )

    await oracle.agrees(make, "x")


async def test_a_worker_that_has_seen_nothing_reads_what_was_listed(bench: Bench) -> None:
    workflow = Workflow(name="cold-many", steps=[*many(), GATE, Step(name="told", executor=told)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        await bench.paused(run_id)
    async with bench.worker(workflow):
        await confirmed(bench, run_id)
        assert await content(bench, workflow, run_id) == f"{all_of()} gate=open"


async def test_also_behind_steps_of_agents_that_are_given_one_output(bench: Bench) -> None:
    def ann(number: int) -> Step:
        return Step(name=f"ann{number}", agent=Agent(model=ScriptedModel(task="ann"), telemetry=False))

    workflow = Workflow(name="agents-many", steps=[*many(), ann(1), ann(2), Step(name="told", executor=told)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        assert (await content(bench, workflow, run_id)).startswith(f"{all_of()} ann1=")


async def test_a_run_over_many_histories_lists_anew_in_each(bench: Bench) -> None:
    last = Loop(
        name="loop",
        steps=[Step(name="a", executor=lambda _: "a"), Step(name="told", executor=told)],
        max_iterations=3,
        forward_iteration_output=True,
    )
    workflow = Workflow(name="chapters-many", steps=[*many(), last, Step(name="told", executor=told)])
    async with bench.worker(workflow, continue_after=15):
        run_id = await bench.start(workflow)
        assert (await content(bench, workflow, run_id)).startswith(f"{all_of()} loop=")


async def test_quick_steps_behind_many_are_given_them_too(bench: Bench) -> None:
    workflow = Workflow(name="quick-many", steps=[*many(), *many(3), Step(name="told", executor=told)])
    async with bench.worker(workflow, steps=StepOptions(quick=True)):
        run_id = await bench.start(workflow)
        words = [f"s{number}={number} says" for number in [*range(3, COUNT), 0, 1, 2]]
        assert await content(bench, workflow, run_id) == " ".join(words)


async def test_a_run_that_was_put_back_has_what_its_steps_return_now(bench: Bench) -> None:
    """The worker still knows what the tasks of before had listed, under the same activities."""
    turn = "old"
    changing = Step(name="changing", executor=lambda _: turn)
    workflow = Workflow(name="back-many", steps=[*many(), changing, says(45), Step(name="told", executor=told)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        assert "changing=old" in await content(bench, workflow, run_id)
        turn = "new"
        await reset(bench.client, run_id, (await tasks(bench.client, run_id))[COUNT - 1])
        assert "changing=new" in await content(bench, workflow, run_id)


async def test_a_worker_that_has_every_other_step_knows_what_the_steps_between_returned(bench: Bench) -> None:
    elsewhere = f"{bench.task_queue}-elsewhere"
    behind = [Step(name=f"told{number}", executor=told) for number in range(4)]
    workflow = Workflow(name="queues-many", steps=[*many(), *behind])
    there = {step.name: StepOptions(task_queue=elsewhere) for step in (*many()[::2], *behind[::2])}

    def plugin() -> AgnoPlugin:
        return AgnoPlugin([workflow], step_options={"queues-many": there})

    async with (
        Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin()]),
        Worker(bench.client, task_queue=elsewhere, plugins=[plugin()]),
    ):
        run_id = await bench.start(workflow)
        assert (await content(bench, workflow, run_id)).startswith(f"{all_of()} told0={all_of()} told1=")
