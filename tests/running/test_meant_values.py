"""Values that JSON has not, in a step's form: taken by what is meant. What an older version took is taken on replay,
and what it refused is refused."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal import DecisionRefused
from agno_temporal.agno_bridge.values import encode
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision, Rules
from agno_temporal.workflows.gate import Gates
from tests.running.tools import replays
from tests.support import Bench, eventually


def asking_for(field_type: str) -> Workflow:
    form = [{"name": "n", "field_type": field_type}]
    review = HumanReview(requires_user_input=True, user_input_schema=form)

    def say(step_input: Any) -> str:
        return repr(step_input.additional_data["user_input"]["n"])

    return Workflow(name="asking", steps=[Step(name="say", executor=say, human_review=review)])


def filled_in(asked: Asked, value: Any) -> Decision:
    return Decision(asked.requirement.id, Action.INPUT, values={"n": encode(value)})


@pytest.mark.parametrize(
    ("field_type", "value"), [("float", math.inf), ("float", math.nan), ("list", (1, 2)), ("str", "half \ud800")]
)
async def test_a_step_gets_what_agno_would_give_it(bench: Bench, field_type: str, value: Any) -> None:
    workflow = asking_for(field_type)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        run.step_requirements[0].set_user_input(n=value)
        assert (await durable.acontinue_run(run)).content == repr(value)


async def test_a_date_is_no_dict_and_is_refused_as_a_date(bench: Bench) -> None:
    workflow = asking_for("dict")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        with pytest.raises(DecisionRefused, match="n: expected dict, got date"):
            await bench.runs.decide(run_id, filled_in(asked, datetime.date(2024, 5, 1)))
        assert await bench.paused(run_id) == [asked]


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A worker that judges by the first rules alone."""
    with monkeypatch.context() as changed:
        judge = Gates.judge

        def by_the_first(gates: Gates, decision: Decision, now: float, rules: Rules = Rules.NOW) -> Any:
            return judge(gates, decision, now, Rules.FIRST)

        changed.setattr(Gates, "judge", by_the_first)
        yield changed


@pytest.mark.parametrize("as_signal", [False, True], ids=["update", "signal"])
async def test_what_an_older_version_took_is_taken_on_replay(bench: Bench, older: Any, as_signal: bool) -> None:
    workflow = asking_for("dict")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        send = bench.runs.signal if as_signal else bench.runs.decide
        await send(run_id, filled_in(asked, datetime.date(2024, 5, 1)))
        await bench.ended(run_id)
    older.undo()
    await replays(bench.client, run_id)


async def test_what_an_older_version_refused_is_refused_on_replay(bench: Bench, older: Any) -> None:
    workflow = asking_for("float")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.signal(run_id, filled_in(asked, math.inf))

        async def refused() -> bool:
            return bool((await bench.runs.manifest(run_id)).refused)

        await eventually("the refused signal", refused)
        await bench.runs.decide(run_id, filled_in(asked, 1.5))
        await bench.ended(run_id)
    older.undo()
    await replays(bench.client, run_id)


@pytest.mark.parametrize(("value", "shown"), [(math.inf, "inf"), (1.5, "1.5")])
async def test_a_signal_that_is_taken_is_taken_on_replay(bench: Bench, value: float, shown: str) -> None:
    workflow = asking_for("float")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.signal(run_id, filled_in(asked, value))
        await bench.ended(run_id)
        assert (await bench.runs.run_output(run_id)).content == shown
        history = await bench.client.get_workflow_handle(run_id).fetch_history()
    patches = [one for one in history.events if "core_patch" in str(one.marker_recorded_event_attributes.marker_name)]
    assert len(patches) == (shown == "inf")
    await replays(bench.client, run_id)
