"""A database that says nothing is not waited for by all (`activities/silent_database.py`)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

from agno_temporal.activities import local, silent_database
from agno_temporal.activities.silent_database import WAITING, Databases
from agno_temporal.agno_bridge.database_errors import DatabaseSilent
from tests.storage.databases import rows_of
from tests.support import Bench, eventually

SHORT = 0.05


class Asked:
    """A database whose questions are counted, and answered once it may."""

    def __init__(self) -> None:
        self.count = 0
        self.answers = asyncio.Event()

    async def __call__(self) -> str:
        self.count += 1
        await self.answers.wait()
        return "written"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (local, silent_database):
        monkeypatch.setattr(module, "BOUND", SHORT)


async def waiting(databases: Databases, db: Asked, count: int) -> list[asyncio.Task[str]]:
    """So many regular attempts, which have waited for longer than an answer takes."""
    attempts = [asyncio.create_task(databases.answered(db, db)) for _ in range(count)]
    await asyncio.sleep(2 * SHORT)
    return attempts


async def test_one_that_has_said_nothing_is_not_asked_locally_for_a_while(
    soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_database, "REST", 1.0)
    databases, db = Databases(), Asked()
    answers = [await databases.at_once(db, db, "not written") for _ in range(3)]
    assert (answers, db.count) == (["not written"] * 3, 1)
    db.answers.set()

    async def is_asked() -> bool:
        return await databases.at_once(db, db, "not written") == "written"

    await eventually("it to be asked again", is_asked)


async def test_nor_while_regular_attempts_wait_for_it(soon: None) -> None:
    databases, db = Databases(), Asked()
    attempts = await waiting(databases, db, 1)
    assert await databases.at_once(db, db, "not written") == "not written"
    db.answers.set()
    assert await asyncio.gather(*attempts) == ["written"]
    assert await databases.at_once(db, db, "not written") == "written"


async def test_a_failure_is_no_silence(soon: None) -> None:
    databases, db = Databases(), Asked()
    db.answers.set()

    async def fails() -> str:
        raise ConnectionRefusedError

    assert await databases.at_once(db, fails, "not written") == "not written"
    assert await databases.at_once(db, db, "not written") == "written"


async def test_no_more_than_a_few_regular_attempts_wait_for_it(soon: None) -> None:
    databases, db = Databases(), Asked()
    attempts = await waiting(databases, db, WAITING)
    with pytest.raises(DatabaseSilent, match="10 attempts of this worker wait"):
        await databases.answered(db, db)
    db.answers.set()
    assert await asyncio.gather(*attempts, databases.answered(db, db)) == ["written"] * (WAITING + 1)


@pytest.mark.parametrize("way", ["at once", "regular"])
async def test_of_another_database_that_says_nothing(soon: None, way: str) -> None:
    databases, silent, sound = Databases(), Asked(), Asked()
    attempts = await waiting(databases, silent, WAITING)
    sound.answers.set()
    ask: dict[str, Callable[[], Awaitable[str]]] = {
        "at once": lambda: databases.at_once(sound, sound, "not written"),
        "regular": lambda: databases.answered(sound, sound),
    }
    assert await ask[way]() == "written"
    silent.answers.set()
    await asyncio.gather(*attempts)


class Holds(SqliteDb):
    """Says nothing until it may, and counts who is asking."""

    def __init__(self, file: Path) -> None:
        super().__init__(db_file=str(file))
        self.asked, self.may = 0, threading.Event()

    def upsert_session(self, *args: Any, **options: Any) -> Any:
        self.asked += 1
        self.may.wait(60)
        return super().upsert_session(*args, **options)


async def test_runs_of_a_workflow_without_it_go_on_and_all_others_once_it_answers(bench: Bench, tmp_path: Path) -> None:
    db = Holds(tmp_path / "agno.db")
    stored = Workflow(name="stored", db=db, steps=[Step(name="s", executor=lambda _: "done")], telemetry=False)
    bare = Workflow(name="bare", steps=[Step(name="s", executor=lambda _: "done")], telemetry=False)
    async with bench.worker(stored, bare):
        waiting = [await bench.start(stored, session_id=f"s{number}") for number in range(60)]
        others = [await bench.start(bare) for _ in range(5)]
        for run_id in others:
            assert (await bench.ended(run_id)).status == "COMPLETED"
        assert db.asked < len(waiting)
        db.may.set()
        for run_id in waiting:
            assert (await bench.ended(run_id)).status == "COMPLETED"

    assert {row["status"] for row in await rows_of(db, "runs")} == {"COMPLETED"}


async def test_a_timeout_of_what_is_asked_is_told_as_its_own() -> None:
    async def times_out() -> str:
        raise TimeoutError("the bucket took too long")

    with pytest.raises(TimeoutError, match="the bucket took too long"):
        await Databases().answered(Asked(), times_out)
