"""The rows of a session and its runs are those that agno writes: every column, and every key of the JSON in them, but
for the one by which writes are put in order."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import HumanReview, Loop, Parallel, Step, Workflow
from agno.workflow.types import StepInput
from pydantic import BaseModel
from temporalio.client import Client

from agno_temporal import RunError
from agno_temporal.agno_bridge.row_order import AS_OF
from agno_temporal.agno_bridge.session_state import AGNO_KEYS
from tests.differential.blocks import agent, fails, flow, says, sets, team
from tests.storage.databases import rows_of
from tests.support import Bench

MEASURED = {"created_at", "updated_at", "duration", "time_to_first_token"}

Make = Callable[[], Workflow]


class Report(BaseModel):
    title: str
    pages: int = 1


def comparable(value: Any) -> Any:
    """Without what is drawn at random and what is measured, and without the ids that agno puts into a step's state
    under `run` only (docs/differences.md)."""
    if isinstance(value, dict):
        return {
            key: "(set)" if key in MEASURED and item is not None else comparable(item)
            for key, item in value.items()
            if key not in (*AGNO_KEYS, AS_OF)
        }
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return "(id)" if _is_uuid(value) else value


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


async def agree(client: Client, place: Path, make: Make, *inputs: Any, **options: Any) -> list[dict[str, Any]]:
    """Assert that runs of one session leave the same rows, and return those of the runs."""
    plain, durable = make(), make()
    rows = []
    for name, workflow in (("plain", plain), ("durable", durable)):
        workflow.telemetry = False
        workflow.db = SqliteDb(db_file=str(place / f"{name}.db"))
    bench = Bench(client, f"rows-{uuid.uuid4()}")
    async with bench.worker(durable):
        for workflow in (plain, bench.durable(durable)):
            for number, given in enumerate(inputs):
                with suppress(ValueError, RunError):
                    await workflow.arun(given, session_id="s", run_id=f"{bench.task_queue}-{number}", **options)
            rows.append({kind: comparable(await rows_of(workflow.db, kind)) for kind in ("sessions", "runs")})
    assert rows[1] == rows[0]
    return rows[1]["runs"]


async def test_of_functions(client: Client, tmp_path: Path) -> None:
    def make() -> Workflow:
        return flow(says("one"), sets("two", colour="red"), session_state={"size": 1}, metadata={"team": "a"})

    runs = await agree(client, tmp_path, make, "bees", {"topic": "ants"}, user_id="ana", metadata={"run": 1})

    assert [row["run_index"] for row in runs] == [0, 1]


async def test_of_agents_and_teams(client: Client, tmp_path: Path) -> None:
    """With the metrics of the session, which are those of its runs together."""
    await agree(
        client, tmp_path, lambda: flow(Step(name="a", agent=agent()), Step(name="t", team=team())), "bees", "ants"
    )


async def test_of_what_stands_in_the_list_as_it_is(client: Client, tmp_path: Path) -> None:
    def first(step_input: StepInput) -> str:
        return "first"

    def make() -> Workflow:
        return flow(first, agent(), team(), Workflow(name="inner", steps=[says("in")], telemetry=False))

    await agree(client, tmp_path, make, "bees")


async def test_of_containers(client: Client, tmp_path: Path) -> None:
    def make() -> Workflow:
        return flow(
            Parallel(says("left"), Step(name="right", agent=agent()), name="both"), Loop([says("again")], name="l")
        )

    await agree(client, tmp_path, make, "bees")


async def test_of_models(client: Client, tmp_path: Path) -> None:
    def report(step_input: StepInput) -> Report:
        return Report(title=step_input.input.title, pages=2)

    def make() -> Workflow:
        return flow(Step(name="reports", executor=report), input_schema=Report)

    await agree(client, tmp_path, make, Report(title="bees"))


@pytest.mark.parametrize("on_error", ["skip", "fail"])
async def test_of_a_run_that_fails(client: Client, tmp_path: Path, on_error: str) -> None:
    def make() -> Workflow:
        return flow(says("one"), fails("two", human_review=HumanReview(on_error=on_error)))

    await agree(client, tmp_path, make, "bees")


async def test_of_a_run_that_pauses(client: Client, tmp_path: Path) -> None:
    def make() -> Workflow:
        return flow(says("one"), says("two", human_review=HumanReview(requires_confirmation=True)))

    [row] = await agree(client, tmp_path, make, "bees")

    assert row["status"] == "PAUSED"
