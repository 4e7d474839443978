"""Inputs, states and edits that are large: taken up to Temporal's bound, and refused beyond it before the run is stuck.

A start is refused by the server, with words that name no field. An argument of an activity, or a local activity's
result, that is too large fails the workflow task, which is repeated for ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.run import RunContext
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview, StepInput

from agno_temporal import DecisionRefused, RunError
from agno_temporal.hitl import Action, Decision
from tests.support import Bench

MB = 1_000_000


def echo_size(step_input: StepInput) -> str:
    return f"{len(step_input.input)}"


def growing(key: str, size: int) -> Step:
    def run(step_input: StepInput, run_context: RunContext) -> str:
        run_context.session_state[key] = "x" * size
        return key

    return Step(name=key, executor=run)


async def test_an_input_of_1_5_mb_reaches_every_step(bench: Bench) -> None:
    workflow = Workflow(name="w", steps=[Step(name=f"s{index}", executor=echo_size) for index in range(5)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x" * (3 * MB // 2))
        await bench.ended(run_id)
    run = await bench.runs.run_output(run_id)
    assert [step.content for step in run.step_results] == ["1500000"] * 5
    assert len(run.input) == 3 * MB // 2
    description = await bench.client.get_workflow_handle(run_id).describe()
    assert description.raw_description.workflow_execution_info.history_size_bytes < 2 * MB


@pytest.mark.parametrize("size", [3, 5], ids=["over-a-payload", "over-a-message"])
@pytest.mark.parametrize("field", ["input", "session_state", "additional_data"])
async def test_a_request_over_the_bound_is_refused_before_it_is_sent(bench: Bench, field: str, size: int) -> None:
    workflow = Workflow(name="w", steps=[Step(name="s", executor=echo_size)])
    given: Any = "x" * (size * MB) if field == "input" else {"key": "x" * (size * MB)}
    with pytest.raises(ValueError, match=rf"{field}.*{size}\.0 MB.*2 MB"):
        await bench.durable(workflow).arun(**{field: given})


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([growing("a", 5 * MB // 2), growing("b", 1)], id="in-one-step"),
        pytest.param([growing("a", 3 * MB // 2), growing("b", MB), growing("c", 1)], id="in-two-steps"),
        pytest.param([Parallel(growing("a", MB), growing("b", MB), name="p"), growing("c", 1)], id="in-two-branches"),
        pytest.param([growing("a", 5 * MB // 2)], id="in-the-last-step"),
    ],
)
async def test_a_session_state_of_2_5_mb_ends_the_run_and_says_so(bench: Bench, steps: list[Any]) -> None:
    workflow = Workflow(name="w", steps=steps)
    async with bench.worker(workflow):
        with pytest.raises(RunError, match="session_state|session state"):
            await bench.durable(workflow).arun("x")


async def test_a_stored_session_state_of_2_5_mb_does_not_stick_the_run(bench: Bench, tmp_path: Path) -> None:
    """It comes from the database, and would be the result of a local activity."""
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    plain = Workflow(name="w", steps=[Step(name="s", executor=echo_size)], db=db, session_id="s1")
    session = plain.read_or_create_session(session_id="s1")
    session.session_data = {"session_state": {"key": "x" * (5 * MB // 2)}}
    db.upsert_session(session=session)
    async with bench.worker(plain):
        with pytest.raises(RunError, match="session_state|session state"):
            await bench.durable(plain).arun("x", session_id="s1")


async def test_an_edited_output_over_the_bound_is_refused(bench: Bench) -> None:
    reviewed = Step(name="s", executor=echo_size, human_review=HumanReview(requires_output_review=True))
    workflow = Workflow(name="w", steps=[reviewed])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x")
        (asked,) = await bench.paused(run_id)
        large = Decision(asked.requirement.id, Action.EDIT, edited_output="x" * 100_000)
        with pytest.raises(DecisionRefused, match="at most 65536"):
            await bench.runs.decide(run_id, large)
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.EDIT, edited_output="short"))
        await bench.ended(run_id)
    assert (await bench.runs.run_output(run_id)).content == "short"
