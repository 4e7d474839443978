"""Who may decide what, when, and how often (docs/differences.md, "Decisions")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from agno.db.in_memory import InMemoryDb
from agno.run.base import RunStatus
from agno.workflow import HumanReview, Loop, Step, Workflow
from agno.workflow.types import StepInput, StepOutput, StepRequirement
from pydantic import BaseModel

from agno_temporal import DecisionRefused, RunError
from agno_temporal.client import RunIdReused, RunNotFound
from tests.differential.blocks import fails, flow, says
from tests.support import PATIENCE, Bench, eventually

ASKS = HumanReview(requires_confirmation=True, on_reject="cancel")


class Counter:
    """A step that counts how often it ran."""

    def __init__(self) -> None:
        self.ran = 0

    def __call__(self, step_input: StepInput) -> str:
        self.ran += 1
        return f"ran {self.ran} times"

    def workflow(self, **options: Any) -> Workflow:
        step = Step(name="gate", executor=self, human_review=ASKS)
        return Workflow(name="gated", steps=[step], telemetry=False, **options)


async def ran_in_agno(change: Callable[[StepRequirement], None]) -> int:
    """How often agno runs the gated step where a client has changed the requirement so."""
    counter = Counter()
    plain = counter.workflow(db=InMemoryDb())
    run = await plain.arun("go")
    change(run.step_requirements[0])
    await plain.acontinue_run(run)
    return counter.ran


async def test_leaving_a_requirement_out_opens_no_gate(bench: Bench) -> None:
    agnos, ours = Counter(), Counter()
    plain = agnos.workflow(db=InMemoryDb())
    run = await plain.arun("go")
    await plain.acontinue_run(run, step_requirements=[])
    assert agnos.ran == 1

    workflow = ours.workflow()
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        with pytest.raises(ValueError, match="unresolved step requirements"):
            await durable.acontinue_run(run, step_requirements=[])
    assert ours.ran == 0


async def test_what_else_a_client_changes_on_a_requirement_is_not_read(bench: Bench) -> None:
    def asks_nothing(requirement: StepRequirement) -> None:
        requirement.requires_confirmation = False

    assert await ran_in_agno(asks_nothing) == 1

    ours = Counter()
    workflow = ours.workflow()
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        asks_nothing(run.step_requirements[0])
        with pytest.raises(ValueError, match="unresolved step requirements"):
            await durable.acontinue_run(run)
        run.step_requirements[0].on_reject = "skip"
        run.step_requirements[0].confirmed = False
        run = await durable.acontinue_run(run)
    assert run.status == RunStatus.cancelled
    assert ours.ran == 0


async def test_what_is_neither_true_nor_false_confirms_nothing(bench: Bench) -> None:
    """As agno's routes make it of JSON."""

    def says_false(requirement: StepRequirement) -> None:
        requirement.confirmed = cast(bool, "false")

    assert await ran_in_agno(says_false) == 1

    ours = Counter()
    workflow = ours.workflow()
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        says_false(run.step_requirements[0])
        with pytest.raises(ValueError, match="confirmed='false' is neither true nor false"):
            await durable.acontinue_run(run)
    assert ours.ran == 0


async def test_another_process_continues_a_run_of_bare_functions(bench: Bench) -> None:
    def last(step_input: StepInput) -> str:
        return f"after {step_input.previous_step_content}"

    def made(db: Any = None) -> Workflow:
        return Workflow(name="gated", steps=[says("gate", human_review=ASKS), last], db=db, telemetry=False)

    db = InMemoryDb()
    run = await made(db).arun("go", session_id="s")
    run.step_requirements[0].confirm()
    with pytest.raises(AttributeError):
        await made(db).acontinue_run(run)

    async with bench.worker(made()):
        run = await bench.durable(made()).arun("go")
        run.step_requirements[0].confirm()
        run = await bench.durable(made()).acontinue_run(run)
    assert run.content == "after gate says"


async def test_a_run_is_continued_without_a_database(bench: Bench) -> None:
    plain = Counter().workflow()
    run = await plain.arun("go")
    run.step_requirements[0].confirm()
    with pytest.raises(ValueError, match="Could not find session"):
        await plain.acontinue_run(run)

    workflow = Counter().workflow()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("go")
        run.step_requirements[0].confirm()
        run = await bench.durable(workflow).acontinue_run(run)
    assert run.content == "ran 1 times"


async def test_of_two_who_continue_at_once_one_wins_and_the_step_runs_once(bench: Bench) -> None:
    agnos, ours = Counter(), Counter()
    db = InMemoryDb()
    plain = agnos.workflow(db=db)
    run = await plain.arun("go", session_id="s")
    again = [await plain.aget_run_output(run_id=run.run_id, session_id="s") for _ in range(2)]
    for one in again:
        one.step_requirements[0].confirm()
    await asyncio.gather(*(plain.acontinue_run(one) for one in again))
    assert agnos.ran == 2

    workflow = ours.workflow()
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run_id = (await durable.arun("go")).run_id
        one, other = [await durable.aget_run_output(run_id) for _ in range(2)]
        one.step_requirements[0].confirm()
        other.step_requirements[0].reject("no")
        ended = await asyncio.gather(durable.acontinue_run(one), durable.acontinue_run(other), return_exceptions=True)
    assert [type(end) for end in ended].count(DecisionRefused) == 1
    assert ours.ran <= 1


async def test_a_paused_run_is_cancelled_at_once(bench: Bench) -> None:
    plain = Counter().workflow(db=InMemoryDb())
    run = await plain.arun("go", session_id="s")
    await plain.acancel_run(run.run_id)
    assert (await plain.aget_run_output(run_id=run.run_id, session_id="s")).status == RunStatus.paused

    workflow = Counter().workflow()
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run_id = (await durable.arun("go")).run_id
        assert await durable.acancel_run(run_id) is True
        run = (await bench.ended(run_id)).status
    assert run == "CANCELLED"


async def test_a_failed_run_raises_run_error_which_carries_it(bench: Bench) -> None:
    workflow = flow(fails("a", human_review=HumanReview(on_error="fail")))
    with pytest.raises(ValueError, match="attempt 1 of a"):
        await workflow.arun("go")
    async with bench.worker(workflow):
        with pytest.raises(RunError, match="Workflow execution failed: attempt 2 of a") as raised:
            await bench.durable(workflow).arun("go")
    assert raised.value.run_output.status == RunStatus.error
    assert [result.error for result in raised.value.run_output.step_results] == ["attempt 2 of a"]


async def test_a_run_id_is_one_run(bench: Bench) -> None:
    agnos, ours = Counter(), Counter()
    plain = Workflow(name="w", steps=[Step(name="a", executor=agnos)], telemetry=False)
    for _ in range(2):
        await plain.arun("go", run_id="the-run")
    assert agnos.ran == 2

    workflow = Workflow(name="w", steps=[Step(name="a", executor=ours)], telemetry=False)
    run_id = f"the-run-{bench.task_queue}"
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        runs = [await durable.arun("go", run_id=run_id) for _ in range(2)]
        another = bench.durable(workflow)
        runs.append(await another.arun("go", run_id=run_id))
        for one in (durable, another, bench.durable(workflow)):
            with pytest.raises(RunIdReused):
                await one.arun("something else", run_id=run_id)
        with pytest.raises(RunIdReused):
            await durable.arun("go", run_id=run_id, session_id="another")
    assert ours.ran == 1
    assert len({run.session_id for run in runs}) == 1
    assert another.session_id == durable.session_id
    assert runs[0].content == runs[1].content


async def test_a_requirements_step_id_is_its_own(bench: Bench) -> None:
    review = HumanReview(requires_output_review=True)

    def draft(step_input: StepInput) -> StepOutput:
        return StepOutput(content="c")

    workflow = flow(Loop(name="l", steps=[Step(name="s", executor=draft, human_review=review, step_id="own")]))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        run.step_requirements[0].confirm()
        run = await durable.acontinue_run(run)
    first, second = (requirement.step_id for requirement in run.step_requirements)
    assert first != second
    assert {requirement.step_output.step_id for requirement in run.step_requirements} == {"own"}


class Topic(BaseModel):
    title: str


async def test_types_survive_a_pause(bench: Bench) -> None:
    def make(db: Any = None) -> Workflow:
        return flow(says("a", 5), says("gate", human_review=ASKS), db=db)

    plain = make(InMemoryDb())
    run = await plain.arun(Topic(title="Bees"), session_id="s")
    read = await plain.aget_run_output(run_id=run.run_id, session_id="s")
    assert (read.input, read.step_results[0].content) == ({"title": "Bees"}, "5")

    workflow = make()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun(Topic(title="Bees"))
        read = await bench.durable(workflow).aget_run_output(run.run_id)
    assert (read.input, read.step_results[0].content) == (Topic(title="Bees"), 5)


async def test_cancelling_a_run_that_is_not_there_is_an_error(bench: Bench) -> None:
    workflow = flow(says("a"))
    assert await workflow.acancel_run(bench.task_queue) is False
    with pytest.raises(RunNotFound):
        await bench.durable(workflow).acancel_run(bench.task_queue)


async def test_continuing_a_run_that_has_ended_gives_it(bench: Bench) -> None:
    plain = flow(says("a"), db=InMemoryDb(), telemetry=False)
    run = await plain.arun("go", session_id="s")
    with pytest.raises(ValueError, match="not paused"):
        await plain.acontinue_run(run_id=run.run_id, session_id="s")

    workflow = flow(says("a"))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        assert (await durable.acontinue_run(run_id=run.run_id)).content == "a says"


async def test_a_coroutine_that_is_at_work_is_interrupted_by_a_cancel(bench: Bench) -> None:
    began, done, seconds = asyncio.Event(), list[str](), [0.3]

    async def long(step_input: StepInput) -> str:
        began.set()
        try:
            await asyncio.sleep(seconds[0])
            done.append("to its end")
        except asyncio.CancelledError:
            done.append("interrupted")
            raise
        return "x"

    plain = flow(Step(name="a", executor=long), telemetry=False)
    running = asyncio.create_task(plain.arun("go", run_id=bench.task_queue))
    await began.wait()
    await plain.acancel_run(bench.task_queue)
    assert ((await running).status, done) == (RunStatus.cancelled, ["to its end"])

    began.clear()
    done.clear()
    seconds[0] = PATIENCE
    workflow = flow(Step(name="a", executor=long))
    async with bench.worker(workflow):
        run = await bench.start(workflow, "go")
        await began.wait()
        assert await bench.durable(workflow).acancel_run(run)
        assert (await bench.ended(run)).status == "CANCELLED"

        async def interrupted() -> bool:
            return bool(done)

        await eventually("the step to end", interrupted)
    assert done == ["interrupted"]
