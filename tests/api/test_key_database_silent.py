"""A key database that takes questions and says nothing: it holds threads of its own, few, and is asked again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from sqlalchemy import event

from agno_temporal.api import key_ring, key_threads
from agno_temporal.api.key_ring import KeyRing, NoAnswer
from agno_temporal.api.key_stores import KeyTable
from agno_temporal.api.keys import new_key
from agno_temporal.api.principals import Scope

KEY, TOKEN = new_key("ci", [Scope.READ], 1.0)


class Silent:
    """A database that answers no question while it is cut off, and counts those that it has taken."""

    def __init__(self, place: Path) -> None:
        self.db = SqliteDb(db_file=str(place / "keys.db"))
        self.taken = 0
        self._answers = threading.Event()
        self._answers.set()
        event.listen(self.db.db_engine, "before_cursor_execute", self._hold)

    def cut_off(self) -> None:
        """What is asked from now on holds its thread until `let_go`."""
        self.taken = 0
        self._answers = threading.Event()

    def bring_back(self) -> None:
        """What is asked from now on is answered; what was asked before holds its thread."""
        self._held, self._answers = self._answers, threading.Event()
        self._answers.set()

    def let_go(self) -> None:
        self._answers.set()
        getattr(self, "_held", self._answers).set()

    def _hold(self, *_: Any) -> None:
        self.taken += 1
        self._answers.wait(60)


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    for name in ("PATIENCE", "BRIEFLY"):
        monkeypatch.setattr(key_ring, name, 0.05)
    for name in ("FRESH", "AGAIN", "GRACE"):
        monkeypatch.setattr(key_ring, name, 0.0)
    one = Silent(tmp_path)
    yield one
    one.let_go()


async def asked_often(ring: KeyRing) -> None:
    for _ in range(50):
        with pytest.raises(NoAnswer):
            await ring.key(TOKEN)


async def test_readings_that_are_given_up_hold_no_thread_of_others(silent: Silent) -> None:
    ring = KeyRing(KeyTable(silent.db))
    silent.cut_off()
    await asked_often(ring)

    assert await asyncio.wait_for(asyncio.to_thread(lambda: "a file"), 5) == "a file"
    assert silent.taken == 1


async def test_notes_that_are_given_up_hold_no_thread_of_others(silent: Silent) -> None:
    ring = KeyRing(KeyTable(silent.db))
    silent.cut_off()
    for _ in range(50):
        key, _ = new_key("ci", [Scope.READ], 1.0)
        ring.used(key)
        await asyncio.gather(*ring._notes)

    assert await asyncio.wait_for(asyncio.to_thread(lambda: "a file"), 5) == "a file"
    assert silent.taken == 1


async def test_a_database_that_is_back_is_read_although_it_never_answers_what_it_was_asked(
    silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = KeyTable(silent.db)
    await store.add(KEY)
    ring = KeyRing(store)
    silent.cut_off()
    await asked_often(ring)
    silent.bring_back()
    monkeypatch.setattr(key_threads, "ANOTHER", 0.0)
    monkeypatch.setattr(key_ring, "PATIENCE", 5.0)
    monkeypatch.setattr(key_ring, "GRACE", 5.0)

    assert await ring.key(TOKEN) == KEY


async def test_questions_that_never_end_hold_few_threads(silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_threads, "ANOTHER", 0.0)
    ring = KeyRing(KeyTable(silent.db))
    silent.cut_off()
    await asked_often(ring)

    assert silent.taken <= key_threads.THREADS


async def test_many_keys_that_are_used_at_once_are_all_noted(silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "PATIENCE", 5.0)
    store = KeyTable(silent.db)
    ring = KeyRing(store)
    for _ in range(20):
        await store.add(new_key("ci", [Scope.READ], 1.0)[0])
    for key in await store.load():
        ring.used(key)
    await asyncio.gather(*ring._notes)

    assert all(key.last_used_at for key in await store.load())
