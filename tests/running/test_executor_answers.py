"""Who may answer a tool, how often, and with how much: one decision for all tools of a pause, or none.

agno takes what is missing for a rejection (D22), and runs a confirmed tool once for each caller (D29).
"""

from __future__ import annotations

import asyncio

import pytest
from agno.workflow import Step, Workflow

from agno_temporal import DecisionRefused
from agno_temporal.hitl import Action, RefusalCode, ToolAnswer
from tests.running.executor_scenes import DROP, allowed, answers, tool_scene
from tests.running.tools import confirm, deciders, refusal_of
from tests.support import Bench, eventually
from tests.tool_script import asked as tools_of
from tests.tool_script import caller, drop, send, shell

TURN = [DROP, ("send", {"subject": "s"}), ("shell", {"command": "ls"})]
YES = ToolAnswer(confirmed=True)


def three_kinds() -> Workflow:
    return Workflow(name="turn", steps=[Step(name="ops", agent=caller(TURN, tools=[drop, send, shell]))])


async def test_a_part_of_the_answers_is_refused_and_the_run_waits_on(bench: Bench) -> None:
    workflow = three_kinds()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        partly = answers(asked, YES, ToolAnswer(values={"to": "ana"}), ToolAnswer(result="x"))
        refusal = await refusal_of(bench, run_id, partly)
        assert await bench.paused(run_id) == [asked]

    assert refusal.code is RefusalCode.INVALID_INPUT
    assert refusal.errors == ("send (Ops-0-1): copies: is required",)


async def test_a_plain_yes_is_refused_where_more_is_asked(bench: Bench) -> None:
    workflow = three_kinds()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        refusal = await refusal_of(bench, run_id, confirm(asked))

    assert (refusal.code, refusal.allowed) == (RefusalCode.ACTION_NOT_ALLOWED, ("answer",))


async def test_half_given_answers_on_agnos_object_are_not_sent(bench: Bench) -> None:
    workflow = three_kinds()
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        [requirement] = run.steps_requiring_executor_resolution
        tools = tools_of(requirement)
        tools[0].confirm()
        requirement.executor_requirements = tools
        with pytest.raises(ValueError, match="still open"):
            await durable.acontinue_run(run)
        assert (await bench.runs.manifest(run.run_id)).status == "PAUSED"


async def test_of_many_who_answer_one_wins_and_the_tool_runs_once(bench: Bench) -> None:
    at = tool_scene()
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        sent = [bench.runs.decide(run_id, allowed(asked, decided_by=f"p{number}")) for number in range(8)]
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        run = await bench.ended(run_id)

    refused = [one for one in outcomes if isinstance(one, DecisionRefused)]
    [winner] = [one for one in outcomes if not isinstance(one, BaseException)]
    assert at.ran == ["before", "drop users", "after"]
    assert len(refused) == 7
    assert {one.refusal.winner.decision.decided_by for one in refused if one.refusal.winner} == set(deciders(run))
    assert winner.decision.action is Action.ANSWER


@pytest.mark.parametrize("name", ["answer", "confirm"])
async def test_a_signal_answers_while_no_worker_is_up(bench: Bench, name: str) -> None:
    at = tool_scene()
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
    payload = {"requirement_id": asked.requirement.id, "decided_by": "ana"}
    if name == "answer":
        payload["answers"] = {asked.requirement.tools[0].id: {"confirmed": True}}  # type: ignore[assignment]
    await bench.client.get_workflow_handle(run_id).signal(name, payload)
    async with bench.worker(at.workflow):
        run = await bench.ended(run_id)

    assert (at.ran, deciders(run)) == (["before", "drop users", "after"], ["ana"])


async def test_a_signal_that_answers_a_part_is_shown_as_refused(bench: Bench) -> None:
    workflow = three_kinds()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        partly = {"requirement_id": asked.requirement.id, "answers": {"Ops-0-0": {"confirmed": True}}}
        await bench.client.get_workflow_handle(run_id).signal("answer", partly)

        async def refused() -> tuple[str, ...]:
            return (await bench.runs.manifest(run_id)).refused

        [why] = await eventually("the refused signal", refused)

    assert "send (Ops-0-1)" in why
    assert "shell (Ops-0-2)" in why


async def test_the_same_object_continued_twice_is_one_decision(bench: Bench) -> None:
    at = tool_scene([DROP], [("drop", {"table": "logs"})])
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        first = await durable.arun("go")
        tools = tools_of(first.step_requirements[-1])
        tools[0].confirm()
        first.step_requirements[-1].executor_requirements = tools
        second = await durable.acontinue_run(first)
        with pytest.raises(ValueError, match="unresolved"):
            await durable.acontinue_run(first)

    assert second.is_paused
    assert at.ran == ["before", "drop users"]


async def test_a_cancelled_run_closes_what_its_tools_ask(bench: Bench) -> None:
    at = tool_scene()
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        await bench.runs.cancel(run_id)
        run = await bench.ended(run_id)
        output = await bench.runs.run_output(run_id)

    assert (run.status, deciders(run), at.ran) == ("CANCELLED", ["system:cancel"], ["before"])
    assert [one.is_resolved for one in output.step_requirements or []] == [True]
