"""Differences in what the database has: the section "Database" of docs/differences.md."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.run import RunContext
from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.types import StepInput, StepOutput
from temporalio.client import Client

from agno_temporal import RunError
from tests.differential.blocks import flow, says
from tests.storage.databases import rows_of
from tests.support import Bench

GATE = HumanReview(requires_confirmation=True)


@dataclass
class Both:
    """A workflow as agno runs it, and as it is run here; each with a database of its own."""

    agno: Workflow
    ours: Workflow

    @property
    def each(self) -> tuple[Workflow, Workflow]:
        return self.agno, self.ours


@pytest.fixture
def both(client: Client, tmp_path: Path) -> Callable[..., Any]:
    @asynccontextmanager
    async def made(make: Callable[[], Workflow]) -> AsyncIterator[Both]:
        plain, durable = make(), make()
        for name, workflow in (("agno", plain), ("ours", durable)):
            workflow.db = SqliteDb(db_file=str(tmp_path / f"{name}.db"))
            workflow.telemetry = False
        bench = Bench(client, f"database-{uuid.uuid4()}")
        async with bench.worker(durable):
            yield Both(plain, bench.durable(durable))

    return made


async def test_what_waits_is_a_row_of_the_approvals_table(both: Any) -> None:
    async with both(lambda: flow(says("s", human_review=GATE))) as run:
        for workflow in run.each:
            await workflow.arun("go", session_id="s")

        assert await rows_of(run.agno.db, "approvals") == []
        [row] = await rows_of(run.ours.db, "approvals")
        assert (row["source_name"], row["status"]) == ("s", "pending")


async def test_a_value_that_no_row_takes_is_written_as_plain_json(both: Any) -> None:
    def odd(step_input: StepInput, run_context: RunContext) -> StepOutput:
        assert run_context.session_state is not None
        run_context.session_state["seen"] = {"bees"}
        return StepOutput(content={"seen": {"bees"}})

    async with both(lambda: flow(Step(name="odd", executor=odd))) as run:
        for workflow in run.each:
            returned = await workflow.arun("go", session_id="s")
            assert returned.content == {"seen": {"bees"}}

        assert run.agno.get_session("s") is None
        session = run.ours.get_session("s")
        assert session.runs[0].content == {"seen": ["bees"]}
        assert session.session_data["session_state"] == {"seen": ["bees"]}


async def test_a_run_is_in_the_database_from_its_start(both: Any) -> None:
    seen: list[list[str]] = []

    def make() -> Workflow:
        def look(step_input: StepInput) -> str:
            session = workflow.get_session("s")
            seen.append([one.status for one in session.runs] if session else [])
            return "looked"

        workflow = flow(Step(name="looks", executor=look))
        return workflow

    async with both(make) as run:
        for workflow in run.each:
            await workflow.arun("go", session_id="s")

    assert seen == [[], ["RUNNING"]]


async def test_a_runs_row_says_where_it_stands(both: Any) -> None:
    async with both(lambda: flow(says("s"))) as run:
        for workflow in run.each:
            await workflow.arun("go", session_id="s")

        [[plain], [ours]] = [await rows_of(workflow.db, "runs") for workflow in run.each]
        assert set(ours["run_data"]) - set(plain["run_data"]) == {"agno_temporal_as_of"}
        [read] = run.ours.get_session("s").runs
        assert "agno_temporal_as_of" not in read.to_dict()


async def test_a_paused_run_keeps_its_own_state(both: Any) -> None:
    def tells(step_input: StepInput, run_context: RunContext) -> str:
        return str((run_context.session_state or {})["colour"])

    def make() -> Workflow:
        return flow(Step(name="tells", executor=tells, human_review=GATE), session_state={"colour": "red"})

    told = []
    async with both(make) as run:
        for workflow in run.each:
            paused = await workflow.arun("go", session_id="s")
            await asyncio.to_thread(workflow.update_session_state, {"colour": "blue"}, "s")
            paused.steps_requiring_confirmation[0].confirm()
            told.append((await workflow.acontinue_run(paused)).content)

        assert told == ["blue", "red"]
        assert run.ours.get_session_state("s") == {"colour": "red"}


async def test_a_session_of_another_user_takes_no_run(both: Any) -> None:
    async with both(lambda: flow(says("s"))) as run:
        for workflow in run.each:
            await workflow.arun("go", session_id="s", user_id="ana")
        assert (await run.agno.arun("go", session_id="s", user_id="ben")).status == "COMPLETED"
        with pytest.raises(RunError, match="belongs to another user"):
            await run.ours.arun("go", session_id="s", user_id="ben")

        assert [len(await rows_of(one.db, "runs")) for one in run.each] == [2, 1]
