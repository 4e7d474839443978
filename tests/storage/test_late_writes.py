"""A write that hung, and was given up, lands behind those that followed it: it leaves no trace."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.session.workflow import WorkflowSession

from agno_temporal.agno_bridge.run_table import stored_run
from agno_temporal.agno_bridge.store import open_session, write_run
from tests.storage.databases import rows_of, session_of
from tests.storage.runs import run, workflow

OPENED, PAUSED, ENDED = 1000, 2000, 3000
"""Moments of a run, in their order."""


class Subject:
    """A run of the session "s", as its workers write it."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.workflow = workflow(db)

    async def write(self, status: RunStatus, as_of: int | None, total: int | None = None, **options: Any) -> None:
        """`total` is what the session state says then."""
        await self.write_of(run(status), as_of, total, **options)

    async def write_of(self, one: WorkflowRunOutput, as_of: int | None, total: int | None, **options: Any) -> None:
        state = None if total is None else {"total": total}
        place = None if as_of is None else (as_of,)
        await write_run(self.workflow, one, state, asyncio.to_thread, as_of=place, **options)

    async def another_run_ends(self, total: int) -> None:
        other = run(RunStatus.completed, created_at=200)
        other.run_id = "other"
        await self.write_of(other, ENDED + 1000, total)

    async def session(self) -> WorkflowSession:
        session = await session_of(self.workflow, "s")
        assert session
        return session

    async def stored(self) -> tuple[str, int]:
        """The run's status, and the session's total."""
        status = next(row["status"] for row in await rows_of(self.db, "runs") if row["run_id"] == "r")
        return status, ((await self.session()).session_data or {})["session_state"]["total"]


@pytest.fixture
def subject(sql: Any) -> Subject:
    return Subject(sql)


async def test_the_opening_of_a_run_that_has_ended(subject: Subject) -> None:
    hung = await open_session(subject.workflow, "s", None, {"total": 0}, None, asyncio.to_thread)
    await subject.write(RunStatus.running, OPENED, 0)
    await subject.write(RunStatus.completed, ENDED, 3)
    await subject.write(RunStatus.running, OPENED, 0, session=hung.session)

    assert await subject.stored() == ("COMPLETED", 3)


async def test_a_write_that_had_read_the_session_before_it_hung(subject: Subject) -> None:
    await subject.write(RunStatus.running, OPENED, 0)
    read = await subject.session()
    await subject.write(RunStatus.completed, ENDED, 3)
    await subject.write(RunStatus.paused, PAUSED, 1, session=read)

    assert await subject.stored() == ("COMPLETED", 3)


async def test_a_pause_after_the_next_pause(subject: Subject) -> None:
    await subject.write(RunStatus.paused, PAUSED + 1, 2)
    await subject.write(RunStatus.paused, PAUSED, 1)

    assert await subject.stored() == ("PAUSED", 2)


async def test_the_end_of_a_run_after_the_next_run_of_its_session(subject: Subject) -> None:
    await subject.write(RunStatus.completed, ENDED, 3)
    await subject.another_run_ends(4)
    await subject.write(RunStatus.completed, ENDED, 3)

    assert await subject.stored() == ("COMPLETED", 4)


async def test_a_pause_to_which_a_run_was_put_back_that_has_ended_since(subject: Subject) -> None:
    asked: list[str] = []
    await subject.write(RunStatus.completed, ENDED, 3)
    await subject.write(RunStatus.paused, ENDED + 1, is_back=True)
    await subject.write(RunStatus.completed, ENDED + 2, 5)
    await subject.write(RunStatus.paused, ENDED + 1, is_back=True, questions=lambda _: asked.append("again"))

    assert await subject.stored() == ("COMPLETED", 5)
    assert asked == []


async def test_the_end_that_a_run_had_before_it_was_put_back(subject: Subject) -> None:
    await subject.write(RunStatus.completed, ENDED, 3)
    await subject.write(RunStatus.paused, ENDED + 1, is_back=True)
    await subject.write(RunStatus.completed, ENDED, 3)

    assert (await subject.stored())[0] == "PAUSED"


async def test_a_pause_after_the_rows_were_rebuilt(subject: Subject) -> None:
    """Rebuilt from Temporal, they are of no moment that anybody counted: then they are of the one that was there."""
    await subject.write(RunStatus.paused, PAUSED + 1, 2)
    await subject.write(RunStatus.running, None, 2, is_back=True)
    await subject.write(RunStatus.paused, PAUSED, 1)

    assert await subject.stored() == ("RUNNING", 2)


async def test_an_earlier_run_of_the_same_id(subject: Subject) -> None:
    await subject.write_of(run(RunStatus.running, created_at=200), ENDED + 1, 4)
    await subject.write_of(run(RunStatus.completed, created_at=100), ENDED, 3)

    assert await subject.stored() == ("RUNNING", 4)


async def test_the_moment_is_no_part_of_the_run_that_is_read(subject: Subject) -> None:
    await subject.write(RunStatus.completed, ENDED, 3)
    found = await stored_run(subject.db, "r", asyncio.to_thread)

    assert found
    assert found.data == run(RunStatus.completed).to_dict()
