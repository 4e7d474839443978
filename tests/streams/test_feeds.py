"""The feeds that a process has: one for a run on each event loop, for as long as somebody reads there.

The poll does nothing here: Temporal's client may answer to a loop that is closed, and that brings the process down.
"""

from __future__ import annotations

import asyncio
import gc
from unittest.mock import Mock
from weakref import ref

import pytest

from agno_temporal.follow import feed as feed_module
from agno_temporal.follow.feed import Feed, Feeds


class Poll:
    closed = failed = False

    def __init__(self, client: object, run_id: str) -> None: ...

    async def stop(self) -> None: ...


@pytest.fixture
def feeds(monkeypatch: pytest.MonkeyPatch) -> Feeds:
    monkeypatch.setattr(feed_module, "Pulse", Poll)
    return Feeds(Mock(), Mock())


def read_on_a_loop_that_is_just_closed(feeds: Feeds) -> ref[Feed]:
    """The feed of somebody who could not say that he leaves."""
    loop = asyncio.new_event_loop()
    found = ref(loop.run_until_complete(feeds.of("run").__aenter__()))
    loop.close()
    return found


def test_feeds_whose_loops_were_closed_are_let_go_of_when_another_is_made(feeds: Feeds) -> None:
    left = [read_on_a_loop_that_is_just_closed(feeds) for _ in range(4)]
    gc.collect()

    assert [feed() is not None for feed in left] == [False, False, False, True]


def test_no_loop_finds_the_feed_of_another(feeds: Feeds) -> None:
    async def found() -> Feed:
        async with feeds.of("run") as feed:
            return feed

    left = read_on_a_loop_that_is_just_closed(feeds)()

    assert all(asyncio.run(found()) is not left for _ in range(50))


def test_readers_on_one_loop_share_a_feed(feeds: Feeds) -> None:
    async def is_shared() -> bool:
        async with feeds.of("run") as first, feeds.of("run") as second:
            return first is second

    assert asyncio.run(is_shared())
