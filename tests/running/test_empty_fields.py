"""Fields of a tool's form that are left empty, however the answer is sent; and histories in which none could be."""

from __future__ import annotations

from typing import Any

import pytest
from agno.tools import tool
from agno.workflow import Step, Workflow

from agno_temporal import DecisionRefused
from agno_temporal.hitl import Rules, ToolAnswer
from agno_temporal.workflows.gate import Gates
from tests.running.executor_scenes import answers
from tests.running.tools import replays
from tests.support import Bench, eventually
from tests.tool_script import caller


@tool(requires_user_input=True, user_input_fields=["to", "copies"])
def send(subject: str, to: str, copies: int | None = None) -> str:
    """Sends a mail."""
    return f"sent {subject} to {to}, {copies}"


def mailing() -> Workflow:
    return Workflow(name="mailing", steps=[Step(name="ops", agent=caller([("send", {"subject": "s"})], tools=[send]))])


@pytest.mark.parametrize("values", [{"to": "ana"}, {"to": "ana", "copies": None}], ids=["left out", "none"])
async def test_a_client_leaves_a_field_empty(bench: Bench, values: dict[str, Any]) -> None:
    workflow = mailing()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, answers(asked, ToolAnswer(values=values)))
        await bench.ended(run_id)
        assert (await bench.runs.run_output(run_id)).content == "got sent s to ana, None"


async def test_a_field_that_is_needed_is_refused_by_its_name(bench: Bench) -> None:
    workflow = mailing()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        with pytest.raises(DecisionRefused, match="to: is required"):
            await bench.runs.decide(run_id, answers(asked, ToolAnswer(values={"copies": 2})))


async def test_a_form_of_which_nothing_is_needed_is_answered_with_nothing(bench: Bench) -> None:
    call = ("send", {"subject": "s", "to": "ana"})
    workflow = Workflow(name="mailing", steps=[Step(name="ops", agent=caller([call], tools=[send]))])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        run.step_requirements[0].executor_requirements[0].provide_user_input({})
        assert (await durable.acontinue_run(run)).content == "got sent s to ana, None"


async def test_a_signal_that_leaves_a_field_empty_counts_and_replays(bench: Bench) -> None:
    workflow = mailing()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.signal(run_id, answers(asked, ToolAnswer(values={"to": "ana"})))
        await bench.ended(run_id)
    await replays(bench.client, run_id)


async def test_a_signal_that_an_older_version_refused_is_refused_on_replay(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = mailing()
    with monkeypatch.context() as older:
        older.setattr(Gates, "judge_unseen", lambda gates, decision, now: gates.judge(decision, now, Rules.FIRST))
        async with bench.worker(workflow):
            run_id = await bench.start(workflow)
            [asked] = await bench.paused(run_id)
            await bench.runs.signal(run_id, answers(asked, ToolAnswer(values={"to": "ana"})))

            async def refused() -> bool:
                return bool((await bench.runs.manifest(run_id)).refused)

            await eventually("the refused signal", refused)
            await bench.runs.decide(run_id, answers(asked, ToolAnswer(values={"to": "ben", "copies": 2})))
            await bench.ended(run_id)
            assert (await bench.runs.run_output(run_id)).content == "got sent s to ben, 2"
    await replays(bench.client, run_id)
