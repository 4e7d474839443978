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
