"""Recordings of runs that go on in several Temporal runs.

Beside them stand ``chapter_first`` and ``chapter_last``, of runs that went by the server's length of their history, as
none does that is opened now. And where it says nothing of ``inline``, what went along inline was brought as well.
"""

from __future__ import annotations

from agno.workflow import Loop, Parallel, Workflow

from agno_temporal.hitl import Action
from agno_temporal.workflows import chapters
from tests.chapters.scenes import numbers, temporal_runs
from tests.replay.pauses import confirmed
from tests.replay.primitives import say
from tests.replay.recordings import Drive, Recording


def beside() -> Workflow:
    """A loop with a gate in it, beside a gate that stays open for long."""
    loop = Loop(name="rounds", steps=[say("a"), confirmed("b")], max_iterations=3)
    return Workflow(name="beside", steps=[Parallel(loop, confirmed("c"), name="both"), say("d")])


def counting() -> Workflow:
    """A loop of gates whose steps say nothing of what the run was given."""
    return numbers(3, requires_confirmation=True)


async def soon(run: Drive) -> None:
    run.continue_after = 12


async def through(run: Drive) -> None:
    """Answer the loop first: what waits longest is asked last."""
    await run.start()
    for _ in range(4):
        waiting = await run.bench.paused(run.run_id)
        asked = next((one for one in waiting if one.requirement.step_name == "b"), waiting[0])
        await run.bench.runs.decide(run.run_id, run.decision(asked, Action.CONFIRM))
    await run.ended()


async def to_the_second(run: Drive) -> None:
    await through(run)
    run.temporal_run_id = (await temporal_runs(run.bench.client, run.run_id))[1]


async def to_the_first(run: Drive) -> None:
    await through(run)
    run.temporal_run_id = (await temporal_runs(run.bench.client, run.run_id))[0]


async def in_pieces(run: Drive) -> None:
    """As if it were too large for an argument. Only the last history is one that this version makes."""
    large, piece = chapters.ARGUMENT_BYTES, chapters.PIECE_BYTES
    chapters.ARGUMENT_BYTES, chapters.PIECE_BYTES = 0, 3000  # type: ignore[misc]
    try:
        await through(run)
    finally:
        chapters.ARGUMENT_BYTES, chapters.PIECE_BYTES = large, piece  # type: ignore[misc]


async def from_a_large_request(run: Drive) -> None:
    """With its request, what the run is has no room in an argument: its first history keeps it in a piece."""
    await run.start("x" * chapters.ARGUMENT_BYTES)
    for _ in range(3):
        await run.update(Action.CONFIRM)
    await run.ended()
    run.temporal_run_id = (await temporal_runs(run.bench.client, run.run_id))[0]


RECORDINGS = {
    "chapter_first_counted": Recording(beside, to_the_first, soon),
    "chapter_second": Recording(beside, to_the_second, soon),
    "chapter_second_inline": Recording(beside, to_the_second, soon),
    "chapter_last_counted": Recording(beside, through, soon),
    "chapter_last_inline": Recording(beside, through, soon),
    "chapter_last_in_pieces": Recording(beside, in_pieces, soon),
    "chapter_first_kept": Recording(counting, from_a_large_request, soon),
}
