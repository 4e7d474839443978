"""A session state travels with every step, and is bounded by what Temporal takes.

An argument of an activity that is too large, or a local activity's result, fails the workflow task, which is repeated
for ever; and branches whose arguments are too large together have their run terminated without a word. So each is
measured before it is sent, and the run ends with an error that names the state.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.run import RunContext
from agno.workflow import Condition, Parallel, Step, Workflow
from agno.workflow.types import StepInput

from agno_temporal import RunError
from tests.support import PATIENCE, Bench

MB = 1_000_000


def growing(key: str, size: int) -> Step:
    def run(step_input: StepInput, run_context: RunContext) -> str:
        run_context.session_state[key] = "x" * size
        return key

    return Step(name=key, executor=run)


def fill_state(step_input: StepInput, run_context: RunContext) -> bool:
    run_context.session_state["key"] = "x" * (5 * MB // 2)
    return True


async def failure(bench: Bench, workflow: Workflow, **options: Any) -> RunError:
    """What the run ends with, which it has to within some seconds."""
    async with bench.worker(workflow):
        with pytest.raises(RunError) as failed:
            await asyncio.wait_for(bench.durable(workflow).arun("x", **options), PATIENCE)
    return failed.value


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([growing("a", 5 * MB // 2), growing("b", 1)], id="in-one-step"),
        pytest.param([growing("a", 3 * MB // 2), growing("b", MB), growing("c", 1)], id="in-two-steps"),
        pytest.param([Parallel(growing("a", MB), growing("b", MB), name="p"), growing("c", 1)], id="in-two-branches"),
        pytest.param([growing("a", 5 * MB // 2)], id="in-the-last-step"),
        pytest.param([Condition(name="c", evaluator=fill_state, steps=[growing("a", 1)])], id="in-an-evaluator"),
    ],
)
async def test_a_state_that_grows_to_2_5_mb_ends_the_run_and_says_so(bench: Bench, steps: list[Any]) -> None:
    error = await failure(bench, Workflow(name="w", steps=steps))
    assert "session_state" in str(error)
    assert "2 MB" in str(error)


async def test_a_state_of_1_2_mb_is_too_large_for_four_branches(bench: Bench) -> None:
    """4.8 MB in one message, of which the server takes 4."""
    branches = Parallel(*(growing(name, 1) for name in "abcd"), name="p")
    error = await failure(bench, Workflow(name="w", steps=[branches]), session_state={"key": "x" * (6 * MB // 5)})
    assert "and 4 MB of the 4 steps that run beside each other" in str(error)


async def test_a_state_of_1_2_mb_is_taken_by_two_branches(bench: Bench) -> None:
    workflow = Workflow(name="w", steps=[Parallel(growing("a", 1), growing("b", 1), name="p")])
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x", session_state={"key": "x" * (6 * MB // 5)})
    assert run.status == "COMPLETED"


async def test_a_stored_state_of_2_5_mb_does_not_stick_the_run(bench: Bench, tmp_path: Path) -> None:
    """It comes from the database, with the opening of the run."""
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    workflow = Workflow(name="w", steps=[growing("a", 1)], db=db)
    session = workflow.read_or_create_session(session_id="s1")
    session.session_data = {"session_state": {"key": "x" * (5 * MB // 2)}}
    db.upsert_session(session=session)
    error = await failure(bench, workflow, session_id="s1")
    assert "The run would start with 2.5 MB, of which the session state has 2.5" in str(error)
