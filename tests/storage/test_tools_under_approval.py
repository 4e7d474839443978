"""Tools under agno's `@approval`: which rows the agent's database gets of them, and when."""

from __future__ import annotations

from typing import Any

import pytest
from agno.approval import approval
from agno.tools import tool
from agno.workflow import Step, Workflow

from tests.storage.conftest import OpenDatabase
from tests.support import Bench
from tests.tool_script import caller


@approval
@tool(requires_confirmation=True)
def drop(table: str) -> str:
    """Drops a table."""
    return f"dropped {table}"


@approval(type="audit")
@tool(requires_confirmation=True)
def rename(table: str) -> str:
    """Renames a table."""
    return f"renamed {table}"


@pytest.mark.parametrize(
    ("used", "paused", "ended"),
    [(drop, [("required", "pending")], [("required", "pending")]), (rename, [], [("audit", "approved")])],
    ids=["required", "audit"],
)
async def test_its_row_is_written_at_the_pause_or_for_an_audit_with_the_decision(
    bench: Bench, open_database: OpenDatabase, used: Any, paused: list[Any], ended: list[Any]
):
    db = open_database("SqliteDb")

    def rows() -> list[Any]:
        return [(row["approval_type"], row["status"]) for row in db.get_approvals()[0]]

    agent = caller([(used.name, {"table": "orders"})], tools=[used])
    agent.db = db
    workflow = Workflow(name="w", steps=[Step(name="s", agent=agent)], telemetry=False)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        assert run.is_paused
        assert rows() == paused
        for requirement in run.steps_requiring_executor_resolution:
            for one in requirement.executor_requirements:
                one.confirm()
        assert (await durable.acontinue_run(run)).status == "COMPLETED"
    assert rows() == ended
