"""A database that another process holds: `show` says of a run what it waits for, wherever it waits."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, StepInput, Workflow

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench, eventually


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else who may hold the file."""
    connection = sqlite3.connect(tmp_path / "agno.db", isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


def gated(tmp_path: Path, holder: sqlite3.Connection) -> Workflow:
    """A gate, before which a run with the input "held" has the database held."""

    def build(step_input: StepInput) -> str:
        if step_input.input == "held":
            holder.execute("BEGIN EXCLUSIVE")
        return "built"

    db = SqliteDb(db_url=f"sqlite:///{tmp_path / 'agno.db'}?timeout=0.2")
    gate = scenes.step("ship", requires_confirmation=True)
    return Workflow(name="gated", db=db, steps=[Step(name="build", executor=build), gate])


async def test_a_pause_that_cannot_be_written_is_drawn_with_the_reason(
    cli: Cli, bench: Bench, tmp_path: Path, holder: sqlite3.Connection
):
    workflow = gated(tmp_path, holder)
    async with bench.worker(workflow):
        await bench.paused(await bench.start(workflow, "makes the tables"))
        run_id = await bench.start(workflow, "held")
        await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id))
        said = await cli.ok("show", run_id, columns=300)
        holder.execute("ROLLBACK")
        await bench.paused(run_id)
        afterwards = await cli.ok("show", run_id, columns=300)

    tree, _, below = said.partition("◆ ship  function, waits for confirmation\n")
    assert "✓ build  function, done" in tree
    assert "\n! tried " in below
    assert "database is locked" in below
    assert "database is locked" not in afterwards
    assert "◆ ship  function, waits for confirmation\n" in afterwards


async def test_an_end_that_cannot_be_written_is_drawn_as_not_closed_with_the_reason(
    cli: Cli, bench: Bench, tmp_path: Path, holder: sqlite3.Connection
):
    workflow = gated(tmp_path, holder)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        holder.execute("BEGIN EXCLUSIVE")
        await cli.ok("confirm", run_id)
        await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id))
        said = await cli.ok("show", run_id, columns=300)
        holder.execute("ROLLBACK")
        await bench.ended(run_id)
        afterwards = await cli.ok("show", run_id, columns=300)

    assert re.search(r"COMPLETED, took .+, not closed yet$", said, flags=re.MULTILINE)
    assert re.search(r"^! tried .+: .*database is locked", said, flags=re.MULTILINE)
    assert "not closed yet" not in afterwards
    assert "database is locked" not in afterwards
