"""Fifty of ten thousand open questions over HTTP, the nearest deadline first, beside the bare SQL query.

The rows are written as a worker writes them, without the ten thousand runs. The bare query is the same statement, on
the same engine, with its rows fetched. A page far behind is to cost what the first one does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import httpx
from agno.db.postgres import PostgresDb
from agno.db.sqlite import SqliteDb
from agno.workflow import Workflow
from agno.workflow.types import HumanReview

from agno_temporal.agno_bridge.approval_rows import approval_rows
from agno_temporal.agno_bridge.approval_table import bring, on_table
from agno_temporal.agno_bridge.approvals import EVERYTHING, statement
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.run_output import run_output
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Kind, Policy, Requirement
from benchmarks.callers.serving import served
from benchmarks.harness.clock import seconds
from benchmarks.harness.interval import difference
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.postgres import postgres
from benchmarks.harness.rows import Row, at_most, compare
from benchmarks.harness.scene import Scene
from benchmarks.harness.steps import step

TITLE = "a page of 50 of 10,000 open questions"

PAGE = 50
MOST = 200

NOW = 1_800_000_000


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    count = scene.size or scene.of(10_000, 200)
    async with AsyncExitStack() as stack:
        databases = {
            "SQLite": SqliteDb(db_file=str(scene.directory / "agno.db")),
            "PostgreSQL": PostgresDb(db_url=stack.enter_context(postgres())),
        }
        found: list[Row] = []
        for name, db in databases.items():
            found += await _listed(scene, name, db, count)
        return found


async def _listed(scene: Scene, name: str, db: Any, count: int) -> list[Row]:
    gate = HumanReview(requires_confirmation=True, timeout=3600)
    workflow = Workflow(name="gated", steps=[step("release", lambda _: "done", human_review=gate)], db=db)
    await on_table(db, partial(_ask, count), asyncio.to_thread, create=True)
    async with (
        served(scene.client, "nobody", workflow) as address,
        httpx.AsyncClient(base_url=address, timeout=60) as http,
    ):
        last = await _cursor_of_the_last_page(http, count)
        cursor = {"cursor": last} if last else {}

        async def first_page() -> None:
            answer = (await http.get("/requirements", params={"limit": PAGE})).raise_for_status()
            assert len(answer.json()["pending"]) == min(PAGE, count)

        async def last_page() -> None:
            (await http.get("/requirements", params={"limit": str(PAGE), **cursor})).raise_for_status()

        async def query() -> None:
            assert await on_table(db, _query, asyncio.to_thread) == min(PAGE, count)

        contenders = {"SQL": _times(scene, query), "first": _times(scene, first_page), "last": _times(scene, last_page)}
        measured = await interleaved(scene.pairs, contenders, ["SQL", "first"])
    return [
        compare(f"{name}: over HTTP", "ms", measured, "first", "SQL", at_most(6), by=difference),
        compare(f"{name}: the last page", "ms", measured, "last", "first", at_most(1.1)),
    ]


def _times(scene: Scene, work: Callable[[], Awaitable[None]]) -> Round:
    async def round() -> list[float]:
        return [1_000 * await seconds(work()) for _ in range(scene.times(20, 2))]

    return round


def _query(session: Any, table: Any) -> int:
    return len([dict(row._mapping) for row in session.execute(statement(table, EVERYTHING, PAGE, None))])


async def _cursor_of_the_last_page(http: httpx.AsyncClient, count: int) -> str | None:
    """Where the page begins behind which nothing is left."""
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": min(MOST, count // 2), **({"cursor": cursor} if cursor else {})}
        answer = (await http.get("/requirements", params=params)).raise_for_status().json()
        if answer["cursor"] is None:
            return cursor
        cursor = answer["cursor"]


def _ask(count: int, session: Any, table: Any) -> None:
    for number in range(count):
        bring(session, table, f"run-{number}", "PAUSED", _question(number))


def _question(number: int) -> list[dict[str, Any]]:
    """The row of a run that waits. Deadlines come in no order."""
    requirement = Requirement(
        id=f"requirement-{number}",
        path="0",
        step_name="release",
        step_index=0,
        step_type="Step",
        kind=Kind.CONFIRMATION,
        occurrence=1,
        opened_at=NOW,
        deadline=NOW + 3_600 + number * 7_919 % 100_000,
        message="Release it?",
        policy=Policy("skip", "cancel", timeout=3_600),
    )
    manifest = Manifest(
        run_id=f"run-{number}",
        workflow_id="gated",
        workflow_name="gated",
        status="PAUSED",
        created_at=NOW,
        session_id=f"session-{number}",
        asked=(Asked(requirement, None, None),),
    )
    return approval_rows(manifest, run_output(manifest, Bodies(manifest), RunRequest()), strict_text=False)
