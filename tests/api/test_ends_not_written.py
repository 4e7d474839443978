"""A run whose end the database does not take: it is told as ended once Temporal has it so, and not before."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from agno.db.sqlite import SqliteDb

from tests.api.served import release, served
from tests.running.tools import confirm
from tests.support import Bench, eventually


async def test_it_is_settled_when_its_end_is_written_and_says_before_what_is_in_the_way(
    bench: Bench, tmp_path: Path
) -> None:
    file = tmp_path / "agno.db"
    workflow = release(SqliteDb(db_url=f"sqlite:///{file}?timeout=0.2"))
    holder = sqlite3.connect(file, isolation_level=None)
    async with served(bench, workflow) as api:
        run_id = await api.start()
        [asked] = await bench.paused(run_id)
        holder.execute("BEGIN EXCLUSIVE")
        await bench.runs.decide(run_id, confirm(asked, by="ana"))

        async def blocked() -> dict[str, Any] | None:
            run: dict[str, Any] = await api.get(f"/v1/runs/{run_id}")
            return run if run["blocked"] else None

        held = await eventually("the run to be blocked", blocked)
        holder.execute("ROLLBACK")
        await bench.ended(run_id)
    async with served(bench, workflow, worker=False) as api:
        written = await api.get(f"/v1/runs/{run_id}")

    assert (held["source"], held["status"], held["settled"]) == ("run", "COMPLETED", False)
    [why] = held["blocked"]
    assert "database is locked" in why["reason"]
    assert why["attempts"] >= 1
    assert (written["source"], written["status"], written["settled"]) == ("run", "COMPLETED", True)
    assert written["blocked"] == []
