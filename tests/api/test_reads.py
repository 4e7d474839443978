"""Reads of a database that says nothing: they are given up in time, and then refused until a thread is free again."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from agno_temporal.agno_bridge.database_errors import DatabaseSilent
from agno_temporal.api import reads
from agno_temporal.api.reads import Reads
from tests.support import eventually

PATIENCE = 0.5


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set when the database answers."""
    monkeypatch.setattr(reads, "PATIENCE", PATIENCE)
    event = threading.Event()
    yield event
    event.set()


async def given_up(read: Reads, answers: threading.Event, times: int) -> None:
    asked = [read(lambda: answers.wait(60)) for _ in range(times)]
    ends = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(one) for one in ends} == {DatabaseSilent}


async def test_while_all_threads_are_held_for_long_another_read_is_refused_at_once(answers: threading.Event) -> None:
    read = Reads()
    await given_up(read, answers, reads.THREADS)
    begun = time.monotonic()
    with pytest.raises(DatabaseSilent, match=f"has not answered {reads.THREADS} reads"):
        await read(lambda: "answer")

    assert time.monotonic() - begun < PATIENCE


async def test_while_a_thread_is_free_the_database_is_asked(answers: threading.Event) -> None:
    read = Reads()
    await given_up(read, answers, reads.THREADS - 1)

    assert await read(lambda: "answer") == "answer"


async def test_a_database_that_answers_again_is_asked_again(answers: threading.Event) -> None:
    read = Reads()
    await given_up(read, answers, 3 * reads.THREADS)
    answers.set()

    async def is_answered() -> bool:
        try:
            return await read(lambda: "answer") == "answer"
        except DatabaseSilent:
            return False

    await eventually("an answer", is_answered)
