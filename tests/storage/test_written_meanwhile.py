"""What another writes to a session, between a write's reading it and its being written, is not undone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from agno.db.base import AsyncBaseDb, SessionType
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from sqlalchemy import event

from agno_temporal.agno_bridge import store
from agno_temporal.agno_bridge.store import open_session, write_run
from tests.storage.databases import session_of
from tests.storage.runs import run, workflow
from tests.storage.test_written_twice import spent

Meanwhile = Callable[[Callable[[], Awaitable[Any]]], None]


async def at_once(work: Callable[[], Any]) -> Any:
    return work()


def ended(run_id: str, tokens: int = 10) -> WorkflowRunOutput:
    one = run(RunStatus.completed, metrics=spent(tokens))
    one.run_id = run_id
    return one


async def named(db: Any) -> None:
    if isinstance(db, AsyncBaseDb):
        await db.rename_session("s", SessionType.WORKFLOW, "insects")
    else:
        db.rename_session("s", SessionType.WORKFLOW, "insects")


async def data_of(db: Any) -> dict[str, Any]:
    session = await session_of(workflow(db), "s")
    assert session
    return session.session_data or {}


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Has something done once: as soon as a write has next read its session."""
    read, read_async, due = store.read_at_once, store._read, list[Callable[[], Any]]()

    def then_at_once(*arguments: Any) -> Any:
        session = read(*arguments)
        if due:
            asyncio.run(due.pop()())
        return session

    async def then(*arguments: Any) -> Any:
        session = await read_async(*arguments)
        if due:
            await due.pop()()
        return session

    monkeypatch.setattr(store, "read_at_once", then_at_once)
    monkeypatch.setattr(store, "_read", then)
    return due.append


async def test_of_two_runs_that_end_together_both_are_counted(sql: Any, meanwhile: Meanwhile) -> None:
    await write_run(workflow(sql), run(RunStatus.running), {}, asyncio.to_thread)
    meanwhile(lambda: write_run(workflow(sql), ended("other"), {}, at_once))
    await write_run(workflow(sql), ended("r"), {}, asyncio.to_thread)

    assert (await data_of(sql))["session_metrics"]["total_tokens"] == 20


async def test_a_name_that_is_given_is_kept(sql: Any, meanwhile: Meanwhile) -> None:
    await write_run(workflow(sql), run(RunStatus.running), {}, asyncio.to_thread)
    meanwhile(lambda: named(sql))
    await write_run(workflow(sql), ended("r"), {}, asyncio.to_thread)

    assert (await data_of(sql))["session_name"] == "insects"


async def test_a_name_that_is_given_while_a_run_opens_is_kept(sql: Any) -> None:
    await write_run(workflow(sql), run(RunStatus.running), {}, asyncio.to_thread)
    opened = await open_session(workflow(sql), "s", None, {"k": 1}, None, asyncio.to_thread)
    await named(sql)
    await write_run(workflow(sql), run(RunStatus.running), {"k": 1}, asyncio.to_thread, session=opened.session)

    data = await data_of(sql)
    assert (data["session_name"], data["session_state"]) == ("insects", {"k": 1})


async def test_a_write_that_leaves_the_state_leaves_a_later_one(sql: Any, meanwhile: Meanwhile) -> None:
    await write_run(workflow(sql), run(RunStatus.running), {"k": 1}, asyncio.to_thread)
    meanwhile(lambda: write_run(workflow(sql), ended("other"), {"k": 2}, at_once))
    await write_run(workflow(sql), ended("r"), None, asyncio.to_thread)

    assert (await data_of(sql))["session_state"] == {"k": 2}


async def test_a_session_that_is_deleted_is_made_anew(sql: Any, meanwhile: Meanwhile) -> None:
    async def deleted() -> None:
        if (answer := sql.delete_session("s")) and not isinstance(answer, bool):
            await answer

    await write_run(workflow(sql), run(RunStatus.running), {"k": 1}, asyncio.to_thread)
    meanwhile(deleted)
    await write_run(workflow(sql), ended("r"), None, asyncio.to_thread)

    assert "session_state" not in await data_of(sql)


async def test_many_runs_that_end_at_once_are_all_counted(sql: Any) -> None:
    ends = [ended(str(number)) for number in range(12)]
    await write_run(workflow(sql), run(RunStatus.running), {}, asyncio.to_thread)
    await asyncio.gather(*(write_run(workflow(sql), one, {}, asyncio.to_thread) for one in ends))

    assert (await data_of(sql))["session_metrics"]["total_tokens"] == 120


async def test_a_session_that_nobody_else_writes_is_read_once(sql: Any) -> None:
    read: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("SELECT") and "workflow_data" in statement:
            read.append(statement)

    opened = await open_session(workflow(sql), "s", None, {"k": 1}, {"m": 1}, asyncio.to_thread)
    await write_run(workflow(sql), run(RunStatus.running), {"k": 1}, asyncio.to_thread, session=opened.session)
    event.listen(getattr(sql.db_engine, "sync_engine", sql.db_engine), "before_cursor_execute", note)
    opened = await open_session(workflow(sql), "s", None, {"k": 2}, None, asyncio.to_thread)
    await write_run(workflow(sql), run(RunStatus.running), {"k": 2}, asyncio.to_thread, session=opened.session)
    await write_run(workflow(sql), ended("r"), {"k": 3}, asyncio.to_thread)

    assert len(read) == 2
