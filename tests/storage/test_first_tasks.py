"""A run may end in its first workflow task, and the task may be lost behind that: then it is opened once more, and
meets its own rows. They are no other run's (`agno_bridge/row_order.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from agno.db.json import JsonDb
from agno.db.sqlite import SqliteDb
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Steps, Workflow

from agno_temporal.activities import project
from agno_temporal.agno_bridge.row_order import RunIdTaken, Written, check_owner
from tests.support import Bench


def ends_at_once(db: Any) -> Workflow:
    return Workflow(name="bare", db=db, steps=[Steps(name="nothing", steps=[])])


@pytest.mark.parametrize("kind", ["sqlite", "json"])
async def test_one_that_is_signalled_in_that_task_ends_as_it_would(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Temporal fails a task that ends a run past a signal, and has it done again."""
    db: Any = SqliteDb(db_file=str(tmp_path / "agno.db")) if kind == "sqlite" else JsonDb(db_path=str(tmp_path))
    workflow, write, signalled = ends_at_once(db), project.write_projection, list[str]()

    async def signalling(workflow: Any, manifest: Any, *others: Any, **options: Any) -> Any:
        done = await write(workflow, manifest, *others, **options)
        if not signalled:
            signalled.append(manifest.status)
            await bench.client.get_workflow_handle(manifest.run_id).signal("confirm", {"requirement_id": "x"})
        return done

    monkeypatch.setattr(project, "write_projection", signalling)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go", session_id="s")
        run = await bench.ended(run_id)
        history = await bench.client.get_workflow_handle(run_id).fetch_history()
    assert signalled == ["COMPLETED"]
    assert any(event.HasField("workflow_task_failed_event_attributes") for event in history.events)
    assert (run.status, run.error_type) == ("COMPLETED", None)
    session = workflow.get_session("s")
    assert session is not None
    assert [(one.run_id, one.status) for one in session.runs or ()] == [(run_id, "COMPLETED")]


def test_a_row_that_ended_is_of_its_own_start_and_of_no_other() -> None:
    """Where Temporal was restored, it may have the start, and nothing of what followed."""
    run = WorkflowRunOutput(run_id="r", session_id="s", workflow_id="w", created_at=100)
    row = Written("COMPLETED", 100, (100_000, 30, 2, 100_900), session_id="s", workflow_id="w")
    check_owner(row, run, None, start=99_990)
    with pytest.raises(RunIdTaken):
        check_owner(row, run, None, start=100_500)
