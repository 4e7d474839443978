"""A run, its pauses and its session, in each of agno's databases."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from tests.storage.conftest import OpenDatabase
from tests.storage.databases import ALL, session_of
from tests.support import Bench


@pytest.fixture(params=ALL)
def db(request: pytest.FixtureRequest, open_database: OpenDatabase) -> Any:
    return open_database(request.param)


def counting(db: Any) -> Workflow:
    """Counts its runs in the session state, and asks before it goes on."""

    def count(step_input: Any, run_context: Any) -> str:
        session_state = run_context.session_state
        session_state["runs"] = session_state.get("runs", 0) + 1
        return f"run {session_state['runs']} of {step_input.input}"

    gate = Step(name="gate", executor=lambda _: "went on", human_review=HumanReview(requires_confirmation=True))
    return Workflow(name="counting", db=db, steps=[Step(name="count", executor=count), gate])


async def test_a_run_pauses_goes_on_and_is_found_in_its_session(bench: Bench, db: Any) -> None:
    workflow = counting(db)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("bees", session_id="s", user_id="ana")
        paused = await session_of(durable, "s")
        run.steps_requiring_confirmation[0].confirm()
        run = await durable.acontinue_run(run)
    ended = await session_of(durable, "s")

    assert paused
    [of_paused] = paused.runs or []
    assert (of_paused.status, of_paused.content) == ("PAUSED", None)
    assert [one.step_name for one in of_paused.active_step_requirements] == ["gate"]
    assert ended
    [of_ended] = ended.runs or []
    assert (of_ended.status, of_ended.content) == ("COMPLETED", "went on")
    assert [step.content for step in of_ended.step_results] == ["run 1 of bees", "went on"]
    assert (ended.user_id, ended.workflow_id) == ("ana", "counting")
    assert (await durable.aget_run_output(run.run_id or "", session_id="s")).content == "went on"


async def test_the_runs_of_a_session_share_its_state_and_stand_in_their_order(bench: Bench, db: Any) -> None:
    workflow = counting(db)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        for topic in ("bees", "ants"):
            run = await durable.arun(topic, session_id="s")
            run.steps_requiring_confirmation[0].confirm()
            await durable.acontinue_run(run)
    session = await session_of(durable, "s")

    assert session
    assert [run.step_results[0].content for run in session.runs or []] == ["run 1 of bees", "run 2 of ants"]
    assert (session.session_data or {})["session_state"] == {"runs": 2}
