"""A run that begins in a session while it is being deleted keeps its row, and its question."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, Step, Workflow

from agno_temporal.agno_bridge import session_deletion
from agno_temporal.agno_bridge.store import write_run
from agno_temporal.durable import forgetting
from agno_temporal.durable.forgetting import SessionHasGrown, forget_session
from tests.storage.conftest import OpenDatabase
from tests.support import PATIENCE, Bench

GATE = HumanReview(requires_confirmation=True)


def asking(db: Any) -> Workflow:
    return Workflow(name="asking", steps=[Step(name="a", executor=lambda _: "x", human_review=GATE)], db=db)


def plain(db: Any) -> Workflow:
    return Workflow(name="plain", steps=[Step(name="a", executor=lambda _: "x")], db=db)


async def ran(bench: Bench, workflow: Workflow) -> str:
    run_id = await bench.start(workflow, "x", session_id="S")
    await bench.ended(run_id)
    return run_id


async def stored(workflow: Workflow) -> list[str]:
    """The runs that the session's rows name."""
    found = await session_deletion.find_session(workflow, "S", None, asyncio.to_thread)
    return [] if found is None else [str(run.run_id) for run in found.runs or ()]


async def test_a_run_that_begins_before_the_rows_go_keeps_them(
    bench: Bench, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = plain(sql), asking(sql)
    begun: list[str] = []
    forget_history = forgetting._forget_history

    async def begin_another(*arguments: Any) -> None:
        begun.append(await bench.start(second, "x", session_id="S"))
        await bench.paused(begun[0])
        await forget_history(*arguments)

    async with bench.worker(first, second):
        ended = await ran(bench, first)
        monkeypatch.setattr(forgetting, "_forget_history", begin_another)
        with pytest.raises(SessionHasGrown, match="while it was being deleted") as refused:
            await forget_session(bench.runs, first, "S")
        assert refused.value.run_ids == tuple(begun)
        assert sorted(await stored(first)) == sorted([ended, *begun])


@pytest.mark.parametrize("kind", ["SqliteDb", "PostgresDb"])
async def test_a_run_s_write_waits_while_they_go_and_makes_the_session_anew(
    bench: Bench, open_database: OpenDatabase, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    workflow = plain(open_database(kind))
    run = WorkflowRunOutput(run_id="r-new", session_id="S", workflow_id="plain", status=RunStatus.running)
    writing = threading.Thread(target=lambda: asyncio.run(write_run(workflow, run, None, asyncio.to_thread)))
    waited: list[bool] = []
    is_as_known = session_deletion._is_as_known

    def begin_another(*arguments: Any) -> bool:
        writing.start()
        writing.join(0.5)
        waited.append(writing.is_alive())
        return is_as_known(*arguments)

    async with bench.worker(workflow):
        ended = await ran(bench, workflow)
    monkeypatch.setattr(session_deletion, "_is_as_known", begin_another)
    assert await forget_session(bench.runs, workflow, "S") == [ended]
    await asyncio.to_thread(writing.join, PATIENCE)
    assert (waited, await stored(workflow)) == ([True], ["r-new"])


async def test_what_agno_does_once_it_is_deleted_comes_after_the_commit(bench: Bench, sql: Any) -> None:
    workflow = plain(sql)
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append(await stored(workflow))

    sql._cascade_tool_results = _cascade(workflow, seen, look)
    async with bench.worker(workflow):
        await ran(bench, workflow)
        await forget_session(bench.runs, workflow, "S")
    assert seen == [[]]


def _cascade(workflow: Workflow, seen: list[list[str]], look: Callable[[], Any]) -> Callable[..., Any]:
    if workflow._has_async_db():
        return lambda _: look()

    def at_once(_: Any) -> None:
        found = session_deletion._find_at_once(workflow, "S", None)
        seen.append([] if found is None else [str(run.run_id) for run in found.runs or ()])

    return at_once
