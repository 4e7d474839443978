"""A run that returns more than a row of PostgreSQL takes is written without its largest texts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow.types import StepOutput

from agno_temporal.agno_bridge.store import write_run
from tests.storage.conftest import OpenDatabase
from tests.storage.databases import rows_of
from tests.storage.runs import run, workflow


@pytest.mark.parametrize("kind", ["PostgresDb", "AsyncPostgresDb"])
async def test_what_is_too_large_for_a_row_is_said_to_be_in_the_run(open_database: OpenDatabase, kind: str) -> None:
    db = open_database(kind)
    results: list[Any] = [StepOutput(content=text) for text in ("x" * 270_000_000, "y" * 2_000_000, "z")]
    await write_run(workflow(db), run(RunStatus.completed, step_results=results), {}, asyncio.to_thread)

    [row] = await rows_of(db, "runs")
    assert row["status"] == "COMPLETED"
    contents = [one["content"] for one in row["run_data"]["step_results"]]
    assert contents == ["(270 MB, in the run)", "y" * 2_000_000, "z"]


async def test_many_texts_that_are_too_large_together_are_cut_until_the_rest_fits(open_database: OpenDatabase) -> None:
    db = open_database("PostgresDb")
    large: list[Any] = [StepOutput(content="x" * 900_000) for _ in range(280)]
    small: list[Any] = [StepOutput(content={"\u00e4" * 100: ["y" * 9_000] * 2_000})]
    await write_run(workflow(db), run(RunStatus.completed, step_results=large + small), {}, asyncio.to_thread)

    [row] = await rows_of(db, "runs")
    *contents, kept = [one["content"] for one in row["run_data"]["step_results"]]
    assert kept == small[0].content
    assert set(contents) == {"(900 KB, in the run)", "x" * 900_000}
    assert contents.count("(900 KB, in the run)") == 23
