"""What a reset does to a session: a run that is at its end again at once, with nothing done, takes back no other's."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.run import RunContext
from agno.workflow import Step, Workflow

from tests.storage.databases import rows_of
from tests.support import Bench, eventually
from tests.upgrades.resets import reset, tasks


def counting(db: Any) -> Workflow:
    def count(step_input: Any, run_context: RunContext) -> str:
        state = run_context.session_state
        assert state is not None
        state.setdefault("seen", []).append(step_input.input)
        return f"{len(state['seen'])}"

    return Workflow(name="counting", db=db, steps=[Step(name="count", executor=count)])


async def another_second() -> None:
    """The moments of rows are whole seconds."""
    began = int(time.time())

    async def is_over() -> bool:
        return int(time.time()) > began

    await eventually("the next second", is_over)


@pytest.mark.parametrize("put_back", [0, 1], ids=["the older", "the newest"])
async def test_a_run_that_only_ends_again_leaves_the_session_the_state_of_its_newest(
    bench: Bench, tmp_path: Path, put_back: int
) -> None:
    workflow = counting(SqliteDb(db_file=str(tmp_path / "agno.db")))
    async with bench.worker(workflow):
        runs = []
        for given in ("a", "b"):
            runs.append(await bench.start(workflow, given, session_id="s"))
            await bench.ended(runs[-1])
            await another_second()
        run_id = runs[put_back]
        await reset(bench.client, run_id, (await tasks(bench.client, run_id))[-1])
        await bench.client.get_workflow_handle(run_id).result()
        [row] = await rows_of(workflow.db, "sessions")
    assert row["session_data"]["session_state"] == {"seen": ["a", "b"]}
