"""What an agent's tools ask is a row like every other question, and the run is a row that agno can read."""

from __future__ import annotations

from typing import Any

import pytest

from agno_temporal.hitl import ToolAnswer
from tests.running.executor_scenes import answers, tool_scene
from tests.storage.databases import rows_of, session_of
from tests.support import Bench


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (ToolAnswer(confirmed=True), "approved"),
        (ToolAnswer(confirmed=False, note="no"), "rejected"),
    ],
)
async def test_a_tools_question_is_a_row_until_it_is_answered(
    bench: Bench, open_database: Any, answer: ToolAnswer, status: str
) -> None:
    at = tool_scene()
    at.workflow.db = open_database("SqliteDb")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow, "go", session_id="s")
        [asked] = await bench.paused(run_id)
        [row] = await rows_of(at.workflow.db, "approvals")
        assert (row["id"], row["status"], row["pause_type"]) == (asked.requirement.id, "pending", "executor")
        [question] = row["requirements"]
        [tool] = question["executor_requirements"]
        assert tool["tool_execution"]["tool_args"] == {"table": "users"}
        await bench.runs.decide(run_id, answers(asked, answer, decided_by="ana"))
        await bench.ended(run_id)
        [row] = await rows_of(at.workflow.db, "approvals")
        session = await session_of(at.workflow, "s")

    assert (row["status"], row["resolved_by"]) == (status, "ana")
    assert row["resolution_data"]["action"] == "answer"
    assert session is not None
    [run] = session.runs or []
    assert run.step_requirements
    assert run.step_requirements[0].is_resolved
