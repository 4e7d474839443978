"""What is larger than a Temporal run's argument goes along all the same, and nothing that comes meanwhile is lost."""

from __future__ import annotations

import asyncio

import pytest
from agno.workflow import HumanReview, Loop, Parallel, Step, Workflow
from temporalio.client import WorkflowHistory

from agno_temporal.client import DecisionRefused
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision, ledger
from agno_temporal.workflows import chapters
from tests.chapters.scenes import all_replay, delete_closed, numbers, temporal_runs
from tests.streams.following import following
from tests.support import Bench, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run is too large for an argument, and is kept in many pieces."""
    monkeypatch.setattr(chapters, "ARGUMENT_BYTES", 0)
    monkeypatch.setattr(chapters, "PIECE_BYTES", 1500)


async def kept(bench: Bench, run_id: str) -> list[int]:
    """How many pieces each of its Temporal runs has left for the next one."""

    async def pieces(place: str) -> int:
        history: WorkflowHistory = await bench.client.get_workflow_handle(run_id, run_id=place).fetch_history()
        types = [event.activity_task_scheduled_event_attributes.activity_type.name for event in history.events]
        return types.count("agno.keep")

    return [await pieces(place) for place in await temporal_runs(bench.client, run_id)]


async def test_outputs_of_more_than_a_payload_go_along(bench: Bench) -> None:
    """Three megabytes, of which the last step is given everything, after their histories were deleted."""
    big = [Step(name=f"big {n}", executor=lambda _, n=n: str(n) * 300_000) for n in range(10)]
    loop = Loop(name="loop", steps=[Step(name="work", executor=lambda _: "worked")], max_iterations=8)
    gate = Step(
        name="gate",
        executor=lambda step_input: ",".join(str(len(step_input.get_step_content(f"big {n}"))) for n in range(10)),
        human_review=HumanReview(requires_confirmation=True),
    )
    workflow = Workflow(name="large", steps=[*big, loop, gate])
    async with bench.worker(workflow, continue_after=25):
        run_id = await bench.start(workflow, "go")
        [asked] = await bench.paused(run_id)
        assert len(await temporal_runs(bench.client, run_id)) > 2
        await delete_closed(bench.client, run_id)
    async with bench.worker(workflow, continue_after=25):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    assert run.content == ",".join(["300000"] * 10)
    assert [len(step.content) for step in run.step_results[:10]] == [300_000] * 10


async def test_a_state_of_nearly_a_payload_goes_along(bench: Bench) -> None:
    def grow(step_input, run_context) -> str:
        state = run_context.session_state
        state["n"] = state.get("n", 0) + 1
        state["big"] = "y" * 1_550_000
        return f"number {state['n']}"

    loop = Loop(name="loop", steps=[Step(name="grow", executor=grow)], max_iterations=4)
    workflow = Workflow(name="stateful", steps=[loop])
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go")
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    assert run.content.startswith("Loop loop completed 4 iterations") or run.content == "number 4"
    assert max(await kept(bench, run_id)) > 0
    assert await all_replay(bench.client, run_id) > 1


async def test_a_run_in_pieces_is_followed_and_decided(bench: Bench, in_pieces: None) -> None:
    workflow = numbers(6, requires_confirmation=True)
    async with bench.worker(workflow, continue_after=5):
        run_id = await bench.start(workflow, "go")
        async with following(bench.runs, run_id) as followed:
            for _ in range(6):
                [asked] = await bench.paused(run_id)
                await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
            manifest = await bench.ended(run_id)
            await followed.end()
    assert followed.numbers == list(range(len(followed.numbers)))
    assert followed.names.count("StepPaused") == 6
    assert (manifest.status, manifest.session_state) == ("COMPLETED", {"n": 6})
    assert max(await kept(bench, run_id)) > 2
    assert await all_replay(bench.client, run_id) > 2


@pytest.mark.parametrize(
    "seed", [0, pytest.param(1, marks=pytest.mark.sweep), pytest.param(2, marks=pytest.mark.sweep)]
)
async def test_decisions_that_meet_a_run_in_pieces_are_all_taken(bench: Bench, in_pieces: None, seed: int) -> None:
    """What the run was is being brought while they come."""
    review = HumanReview(requires_confirmation=True)
    gates = [Step(name=f"gate {n}", executor=lambda _: "went", human_review=review) for n in range(8)]
    loop = Loop(name="loop", steps=[Step(name="work", executor=lambda _: "worked")], max_iterations=8)
    workflow = Workflow(name="raced", steps=[Parallel(loop, *gates, name="all")])
    async with bench.worker(workflow, continue_after=5):
        run_id = await bench.start(workflow, "go")

        async def all_wait() -> list[Asked] | None:
            waiting = await bench.runs.requirements(run_id)
            return waiting if len(waiting) == 8 else None

        sends = []
        for number, asked in enumerate(await eventually("eight questions", all_wait)):
            send = bench.runs.decide if number % 2 else bench.runs.signal
            await asyncio.sleep(0.05 + 0.02 * seed)
            sends.append(asyncio.ensure_future(send(run_id, Decision(asked.requirement.id, Action.CONFIRM))))
        await asyncio.gather(*sends)
        manifest = await bench.ended(run_id)
    assert (manifest.status, manifest.refused) == ("COMPLETED", ())
    assert [asked.resolution is not None for asked in manifest.asked] == [True] * 8
    assert await all_replay(bench.client, run_id) > 2


async def test_of_edits_that_meet_a_run_in_pieces_those_are_refused_for_which_there_is_no_room(
    bench: Bench, in_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How much room there is is being brought while they come."""
    text, room = "x" * 98, 1
    monkeypatch.setattr(ledger, "MAX_EDITED_BYTES", room * (len(text) + 2))
    review = HumanReview(requires_output_review=True)
    gates = [Step(name=f"gate {n}", executor=lambda _: "went", human_review=review) for n in range(10)]
    loop = Loop(name="loop", steps=[Step(name="work", executor=lambda _: "worked")], max_iterations=8)
    workflow = Workflow(name="raced", steps=[Parallel(loop, *gates, name="all")])

    async def all_wait() -> list[Asked] | None:
        waiting = await bench.runs.requirements(run_id)
        return waiting if len(waiting) == len(gates) else None

    async def send(asked: Asked) -> str:
        await asyncio.sleep(0.05 * waiting.index(asked))
        try:
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.EDIT, edited_output=text))
        except DecisionRefused as refused:
            return str(refused)
        return "taken"

    async with bench.worker(workflow, continue_after=5):
        run_id = await bench.start(workflow, "go")
        waiting = await eventually("all questions", all_wait)
        answers = await asyncio.gather(*(send(asked) for asked in waiting))
        for asked in await bench.paused(run_id):
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)
    assert answers.count("taken") == room
    assert sum("bytes together" in answer for answer in answers) == len(gates) - room
    assert await all_replay(bench.client, run_id) > 1
