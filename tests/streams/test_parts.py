"""A page that names many megabytes of outputs is read in parts, so that nobody who reads slowly holds all of them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import StepInput

from agno_temporal import RunClient
from agno_temporal.follow import parts
from agno_temporal.follow.feed import Made
from agno_temporal.follow.forms import Line
from tests.differential.blocks import agent, flow, says
from tests.support import Bench

LONG = 9_000


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 3 * LONG)


async def numbered(step_input: StepInput) -> AsyncIterator[str]:
    for number in range(40):
        yield f"word {number}"


def long() -> Workflow:
    texts = (says(str(number), str(number) * LONG) for number in range(6))
    return flow(*texts, agent("Ann"), Step(name="words", executor=numbered))


@pytest.fixture
async def run_id(bench: Bench) -> AsyncIterator[str]:
    """A run that has ended, and whose worker is there."""
    workflow = long()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, stream=True, stream_events=True)
        await bench.ended(run_id)
        yield run_id


async def lines(runs: RunClient, run_id: str, after: int = -1) -> list[tuple[int | None, Line]]:
    return [one async for one in runs.lines(run_id, after)]


async def test_a_slow_reader_holds_few_of_them(bench: Bench, run_id: str) -> None:
    async with aclosing(bench.runs.lines(run_id)) as slow:
        await anext(slow)
        gc.collect()
        held = [sum(len(line.data) for _, line in one.what) for one in gc.get_objects() if type(one) is Made]
    assert 3 * LONG < sum(held) < 6 * LONG


@pytest.mark.parametrize("form", ["lines", "events"])
async def test_each_event_is_told_once_and_in_order(bench: Bench, run_id: str, form: str) -> None:
    numbers = [number async for number, _ in getattr(bench.runs, form)(run_id)]
    assert numbers == list(range(await bench.runs.event_count(run_id)))


async def test_they_are_the_same_from_whatever_number(bench: Bench, run_id: str) -> None:
    whole = await lines(bench.runs, run_id)
    for after in range(len(whole)):
        assert await lines(bench.runs, run_id, after) == whole[after + 1 :]


async def test_whoever_asks_again_and_again_is_told_all_of_them_too(bench: Bench, run_id: str) -> None:
    whole = [line.data.decode() for _, line in await lines(bench.runs, run_id)]
    pages = [await bench.runs.events_so_far(run_id)]
    while pages[-1].more:
        pages.append(await bench.runs.events_so_far(run_id, pages[-1].after))
    assert [event for page in pages for event in page.events] == whole
    assert pages[-1].ended


async def test_what_a_slow_reader_is_at_is_not_made_again_for_who_comes_behind_a_quick_one(
    bench: Bench, run_id: str
) -> None:
    async with aclosing(bench.runs.lines(run_id)) as slow, aclosing(bench.runs.lines(run_id)) as late:
        _, line = await anext(slow)
        await lines(bench.runs, run_id)
        assert (await anext(late))[1] is line
