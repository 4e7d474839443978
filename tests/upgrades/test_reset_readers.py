"""Readers of one process share what they have read of a run, and none is shown after a reset what was before it.

The ids of activities are counted on from the place that the run was put back to, so that what a step returned before
and what it returned then have the same id. Outputs of over 64 KB are on no page, and are read under that id.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any, TypeAlias

import pytest
from agno.run.agent import RunContentEvent
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.client import RunPutBack
from agno_temporal.follow.feed import Feed, Feeds
from agno_temporal.follow.replays import Replays
from tests.running.tools import confirm
from tests.support import PATIENCE, Bench, eventually
from tests.upgrades.resets import reset, tasks

Events: TypeAlias = AsyncGenerator[tuple[int | None, Any], None]


class Drafts:
    """A run of a step that writes another draft each time, a large one; and a gate behind it, if it is to pause.

    Args:
        said: The draft is small, and told of while it is written.
    """

    def __init__(self, bench: Bench, *, gated: bool = True, said: bool = False) -> None:
        self.bench = bench
        self.written = 0
        draft = Step(name="draft", executor=self._words if said else self._draft)
        gate = Step(name="gate", executor=_done, human_review=HumanReview(requires_confirmation=gated))
        self.workflow = Workflow(name="drafts", steps=[draft, gate])
        self.run_id = ""

    async def _draft(self, step_input: Any) -> str:
        self.written += 1
        return f"draft {self.written}".ljust(90_000)

    async def _words(self, step_input: Any) -> AsyncIterator[RunContentEvent]:
        self.written += 1
        yield RunContentEvent(content=f"draft {self.written}")

    async def start(self) -> None:
        """Until it pauses, or ends."""
        self.run_id = await self.bench.start(self.workflow, stream=True, stream_events=True)
        await self.bench.runs.wait(self.run_id)

    def feed(self) -> AbstractAsyncContextManager[Feed]:
        """What the readers of one process share."""
        return Feeds(self.bench.client, Replays(self.bench.client)).of(self.run_id)

    async def decide(self) -> None:
        [asked] = await self.bench.paused(self.run_id)
        await self.bench.runs.decide(self.run_id, confirm(asked))

    async def reset(self) -> None:
        """Put it back to its first task, and wait until the draft is written again."""
        before = self.written
        await reset(self.bench.client, self.run_id, (await tasks(self.bench.client, self.run_id))[0])
        await eventually("another draft", lambda: self._is_written(before + 1))

    async def _is_written(self, count: int) -> bool:
        return self.written == count


async def _done(step_input: Any) -> str:
    return "done"


async def read_to(events: Events, name: str) -> list[str]:
    """The drafts that these events tell of, up to the first one of this name."""
    said: list[str] = []
    async with asyncio.timeout(PATIENCE):
        async for _, event in events:
            if str(getattr(event, "content", "")).startswith("draft"):
                said.append(event.content.strip())
            if event.event == name:
                break
    return said


@asynccontextmanager
async def put_back_beside_a_slow_reader(scene: Drafts) -> AsyncIterator[Events]:
    """The slow reader has read the first event, and another one all until it was told of the reset."""
    slow, quick = scene.bench.runs.events(scene.run_id), scene.bench.runs.events(scene.run_id)
    async with aclosing(slow), aclosing(quick):
        await anext(slow)
        assert set(await read_to(quick, "StepPaused")) == {"draft 1"}
        await scene.reset()
        with pytest.raises(RunPutBack):
            await asyncio.wait_for(anext(quick), PATIENCE)
        await scene.bench.paused(scene.run_id)
        yield slow


async def test_whoever_follows_it_again_is_told_the_new_outputs_though_another_is_still_at_the_old_ones(
    bench: Bench,
) -> None:
    scene = Drafts(bench)
    async with bench.worker(scene.workflow):
        await scene.start()
        async with put_back_beside_a_slow_reader(scene), aclosing(bench.runs.events(scene.run_id)) as again:
            assert set(await read_to(again, "StepPaused")) == {"draft 2"}
            await scene.decide()
            await read_to(again, "WorkflowCompleted")


async def test_so_is_who_asks_what_there_is_so_far(bench: Bench) -> None:
    scene = Drafts(bench)
    async with bench.worker(scene.workflow):
        await scene.start()
        async with put_back_beside_a_slow_reader(scene):
            told = [json.loads(one) for one in (await bench.runs.events_so_far(scene.run_id)).events]
            assert {one["content"].strip() for one in told if one["event"] == "StepCompleted"} == {"draft 2"}


async def test_the_slow_reader_is_told_of_the_reset_when_it_comes_to_that(bench: Bench) -> None:
    scene = Drafts(bench)
    async with bench.worker(scene.workflow):
        await scene.start()
        async with put_back_beside_a_slow_reader(scene) as slow:
            with pytest.raises(RunPutBack):
                await read_to(slow, "WorkflowCompleted")


async def test_a_reader_whose_page_is_of_before_the_reset_is_told_and_not_that_outputs_do_not_fit(
    bench: Bench,
) -> None:
    scene = Drafts(bench)
    async with bench.worker(scene.workflow):
        await scene.start()
        async with scene.feed() as feed:
            page = await feed.latest(-1)
            await scene.reset()
            with pytest.raises(RunPutBack):
                await anext(feed.events(page, -1, {}, _no_run))


async def test_a_reader_whose_page_is_of_after_the_reset_is_told_the_new_outputs_whatever_was_read_before(
    bench: Bench,
) -> None:
    scene = Drafts(bench)
    async with bench.worker(scene.workflow):
        await scene.start()
        async with scene.feed() as feed:
            assert set(await drafts_told_now(feed)) == {"draft 1"}
            await scene.reset()
            await bench.paused(scene.run_id)
            assert set(await drafts_told_now(feed)) == {"draft 2"}


async def test_so_are_they_told_what_a_step_said_while_it_ran(bench: Bench) -> None:
    scene = Drafts(bench, said=True)
    async with bench.worker(scene.workflow):
        await scene.start()
        async with scene.feed() as feed:
            assert await drafts_told_now(feed) == ["draft 1"] * 3
            await scene.reset()
            await bench.paused(scene.run_id)
            assert await drafts_told_now(feed) == ["draft 2"] * 3


async def test_a_run_that_had_ended_is_followed_on_while_a_slow_reader_is_before_its_end(bench: Bench) -> None:
    scene = Drafts(bench, gated=False)
    async with bench.worker(scene.workflow):
        await scene.start()
        async with aclosing(bench.runs.events(scene.run_id)) as slow:
            await anext(slow)
            await eventually("its readers to know the end", lambda: bench.runs.is_over(scene.run_id, 1_000))
            await scene.reset()
            async with aclosing(bench.runs.events(scene.run_id)) as again:
                assert set(await read_to(again, "WorkflowCompleted")) == {"draft 2"}


async def drafts_told_now(feed: Feed) -> list[str]:
    return await read_to(feed.events(await feed.latest(-1), -1, {}, _no_run), "StepPaused")


async def _no_run() -> Any:
    raise AssertionError("the run has not ended")
