"""Runs a second of a workflow of five functions that do next to nothing, fifty at a time.

What is left is the cost of the engine, the server's included: three quarters of the time are the server's. The driver
does the same for both sides, starting each run and waiting for Temporal's result.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial

from agno.db.base import BaseDb
from agno.db.postgres import PostgresDb
from agno.db.sqlite import SqliteDb
from agno.workflow import Workflow
from agno.workflow.types import StepInput

from agno_temporal import StepOptions
from benchmarks.engine.five_steps_by_hand import STEPS, FiveLocalSteps, FiveSteps, FiveStoredSteps, work
from benchmarks.engine.stored_by_agno import stored_in
from benchmarks.harness.clock import per_second
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.postgres import postgres
from benchmarks.harness.rows import Row, at_least, compare, compare_cpu
from benchmarks.harness.scene import ByHand, Ours, Scene
from benchmarks.harness.steps import step

TITLE = "5 function steps, 50 runs at once"

AT_ONCE = 50


def five_steps(name: str, db: BaseDb | None = None) -> Workflow:
    """The job, as agno has it."""

    return Workflow(name=name, steps=[step(one, partial(_work, one)) for one in STEPS], db=db)


def _work(name: str, given: StepInput) -> str:
    return f"{name} after {given.previous_step_content}"


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    runs = scene.times(200, 2)

    def by_hand(side: ByHand) -> Round:
        async def round() -> list[float]:
            return [await per_second(lambda: side.run("a request"), runs, AT_ONCE)]

        return round

    def ours(side: Ours, workflow: Workflow) -> Round:
        async def round() -> list[float]:
            return [await per_second(lambda: side.run(workflow, "a request"), runs, AT_ONCE)]

        return round

    def waiting(side: Ours, workflow: Workflow) -> Round:
        client = side.runs

        async def one() -> None:
            await client.wait(await side.start(workflow, "a request", client))

        async def round() -> list[float]:
            return [await per_second(one, runs, AT_ONCE)]

        return round

    def plain(workflow: Workflow) -> Round:
        async def round() -> list[float]:
            return [await per_second(lambda: workflow.arun("a request"), runs, AT_ONCE)]

        return round

    async with AsyncExitStack() as stack:
        bare = five_steps("bare")
        url = stack.enter_context(postgres())
        in_sqlite = five_steps("in-sqlite", SqliteDb(db_file=str(scene.directory / "agno.db")))
        in_postgres = five_steps("in-postgres", PostgresDb(db_url=url))
        by_hands = {
            "SqliteDb": SqliteDb(db_file=str(scene.directory / "by-hand.db")),
            "PostgreSQL": PostgresDb(db_url=url, db_schema="by_hand"),
        }
        own = five_steps("own", SqliteDb(db_file=str(scene.directory / "plain.db")))
        side = await stack.enter_async_context(scene.ours(bare, in_sqlite, in_postgres))
        quick = await stack.enter_async_context(scene.ours(bare, options=StepOptions(quick=True)))
        hands = {
            "by hand": scene.by_hand(FiveSteps, [work]),
            "by hand, unsandboxed": scene.by_hand(FiveSteps, [work], sandboxed=False),
            "by hand, local": scene.by_hand(FiveLocalSteps, [work]),
        }
        hands |= {
            f"by hand, {name}": scene.by_hand(FiveStoredSteps, [work, stored_in(db)]) for name, db in by_hands.items()
        }
        contenders = {name: by_hand(await stack.enter_async_context(hand)) for name, hand in hands.items()}
        contenders |= {
            "ours": ours(side, bare),
            "ours, quick": ours(quick, bare),
            "ours, RunClient.wait": waiting(side, bare),
            "ours, SqliteDb": ours(side, in_sqlite),
            "ours, PostgreSQL": ours(side, in_postgres),
            "agno, SqliteDb": plain(own),
        }
        measured = await interleaved(scene.pairs, contenders, list(hands))
    unit = "runs/s"
    return [
        compare("ours", unit, measured, "ours", "by hand", at_least(1.0)),
        compare("ours", unit, measured, "ours", "by hand, unsandboxed", at_least(0.95)),
        compare("ours, declared quick", unit, measured, "ours, quick", "by hand", at_least(2.0)),
        compare_cpu("ours", measured, "ours", "by hand"),
        compare_cpu("ours, declared quick", measured, "ours, quick", "by hand"),
        compare_cpu("ours", measured, "ours", "by hand, unsandboxed"),
        compare("ours, waited for by RunClient", unit, measured, "ours, RunClient.wait", "by hand"),
        compare("ours, SqliteDb", unit, measured, "ours, SqliteDb", "by hand, SqliteDb", at_least(0.85)),
        compare("ours, PostgreSQL", unit, measured, "ours, PostgreSQL", "by hand, PostgreSQL", at_least(0.85)),
        compare("ours, SqliteDb", unit, measured, "ours, SqliteDb", "by hand"),
        compare("ours, PostgreSQL", unit, measured, "ours, PostgreSQL", "by hand"),
        compare("by hand, SqliteDb", unit, measured, "by hand, SqliteDb", "by hand"),
        compare("by hand, PostgreSQL", unit, measured, "by hand, PostgreSQL", "by hand"),
        compare("ours, declared quick", unit, measured, "ours, quick", "by hand, local"),
        compare("by hand, local activities", unit, measured, "by hand, local", "by hand"),
        compare("plain agno, SqliteDb", unit, measured, "agno, SqliteDb", "by hand"),
    ]
