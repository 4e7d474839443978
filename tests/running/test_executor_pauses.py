"""An agent or team that pauses at a tool pauses its run, and goes on where it stopped, wherever it stands.

agno loses the siblings of the agent, the rest of its container and the other branches when it goes on (D18-D21), and
fails in a Parallel. So outside the top level the expected outcome stands here.
"""

from __future__ import annotations

import itertools

import pytest
from agno.workflow import Loop, Parallel, Step, Steps, Workflow
from agno.workflow.types import HumanReview, PauseKind

from agno_temporal import DecisionRefused
from agno_temporal.hitl import Action, Decision, Kind, RefusalCode, ToolAnswer
from tests.running.executor_scenes import DROP, allowed, answers, tool_scene
from tests.running.scenes import PLACES, nested
from tests.running.tools import confirm, reject, replays
from tests.support import Bench
from tests.tool_script import caller, delegate, drop, leader, note, send, shell

YES = ToolAnswer(confirmed=True)


@pytest.mark.parametrize("place", PLACES)
async def test_a_confirmed_tool_runs_and_everything_around_it_goes_on(bench: Bench, place: str) -> None:
    at = tool_scene(place=place)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        paused = await bench.runs.run_output(run_id)
        assert at.ran == ["before"]
        await bench.runs.decide(run_id, allowed(asked))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    await replays(bench.client, run_id)

    assert (asked.requirement.kind, paused.pause_kind) == (Kind.EXECUTOR, PauseKind.EXECUTOR)
    assert [step.step_name for step in paused.step_results] == ["before"]
    assert at.ran == ["before", "drop users", "after"]
    assert "got dropped users" in run.content
    assert [step.step_name for step in run.step_results][::2] == ["before", "after"]


@pytest.mark.parametrize("place", PLACES)
async def test_a_rejected_tool_does_not_run_and_the_model_is_told_why(bench: Bench, place: str) -> None:
    at = tool_scene(place=place)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked, feedback="not on a Friday"))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert at.ran == ["before", "after"]
    assert "got not on a Friday" in run.content


async def test_several_tools_of_one_turn_are_one_question(bench: Bench) -> None:
    turn = [DROP, ("send", {"subject": "s"}), ("shell", {"command": "ls"})]
    workflow = Workflow(name="turn", steps=[Step(name="ops", agent=caller(turn, tools=[drop, send, shell]))])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        sent = ToolAnswer(values={"to": "ana", "copies": 2})
        await bench.runs.decide(run_id, answers(asked, YES, sent, ToolAnswer(result="a b")))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert run.content == "got dropped users | sent s to ana 2 times | a b"


async def test_every_turn_that_pauses_asks_anew(bench: Bench) -> None:
    at = tool_scene([DROP], [("drop", {"table": "logs"})], place="Steps")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [first] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(first))
        [second] = await bench.paused(run_id)
        assert at.ran == ["before", "drop users"]
        await bench.runs.decide(run_id, allowed(second))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    await replays(bench.client, run_id)

    assert first.requirement.id != second.requirement.id
    assert at.ran == ["before", "drop users", "drop logs", "after"]
    assert len(run.step_executor_runs) == 1


@pytest.mark.parametrize("order", list(itertools.permutations("ab")), ids="".join)
async def test_two_agents_of_a_parallel_are_asked_at_once_and_answered_in_any_order(bench: Bench, order: tuple) -> None:
    both = [Step(name=name, agent=caller([("drop", {"table": name})], name=name, tools=[drop])) for name in "ab"]
    workflow = Workflow(name="both", steps=[Parallel(*both, name="all"), Step(name="end", executor=lambda _: "end")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        waiting = {asked.requirement.step_name: asked for asked in await bench.paused(run_id)}
        for name in order:
            await bench.runs.decide(run_id, allowed(waiting[name]))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    await replays(bench.client, run_id)

    assert [step.content for step in run.step_results[0].steps] == ["got dropped a", "got dropped b"]
    assert len(run.step_executor_runs) == 2


async def test_every_iteration_asks_anew(bench: Bench) -> None:
    agent = Step(name="ops", agent=caller([DROP], tools=[drop]))
    workflow = Workflow(name="rounds", steps=[Loop(name="loop", steps=[agent], max_iterations=2)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [first] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(first))
        [second] = await bench.paused(run_id)
        with pytest.raises(DecisionRefused) as stale:
            await bench.runs.decide(run_id, allowed(first))
        await bench.runs.decide(run_id, allowed(second))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert (stale.value.code, stale.value.refusal.open_requirement) == (RefusalCode.STALE, second.requirement.id)
    assert [step.content for step in run.step_results[0].steps] == ["got dropped users"] * 2


async def test_an_end_condition_sees_the_output_that_came_after_the_pause(bench: Bench) -> None:
    seen = []

    def ended(outputs: list) -> bool:
        seen.append([output.content for output in outputs])
        return True

    agent = Step(name="ops", agent=caller([DROP], tools=[drop]))
    loop = Loop(name="loop", steps=[agent], max_iterations=3, end_condition=ended)
    workflow = Workflow(name="rounds", steps=[loop])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(asked))
        await bench.ended(run_id)

    assert seen == [["got dropped users"]]


@pytest.mark.parametrize("place", ["top level", "Parallel", "nested workflow"])
async def test_a_confirmation_then_a_tool_then_a_review(bench: Bench, place: str) -> None:
    at = tool_scene(place=place, requires_confirmation=True, requires_output_review=True, on_reject="retry")
    kinds = []
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        for decide in (confirm, allowed, reject, allowed, confirm):
            [asked] = await bench.paused(run_id)
            kinds.append(asked.requirement.kind)
            await bench.runs.decide(run_id, decide(asked))
        await bench.ended(run_id)

    again = [Kind.EXECUTOR, Kind.OUTPUT_REVIEW]
    assert kinds == [Kind.CONFIRMATION, *again, *again]
    assert at.ran == ["before", "drop users", "drop users", "after"]


async def test_what_the_run_was_given_is_there_for_the_tool_and_what_it_writes_is_kept(bench: Bench) -> None:
    """agno passes no context when it goes on (D25)."""
    agent = caller([("note", {"text": "n"})], tools=[note])
    workflow = Workflow(name="given", steps=[Steps(name="box", steps=[Step(name="ops", agent=agent)])])
    given = {"session_state": {"k": 1}, "dependencies": {"d": 2}, "metadata": {"m": 3}, "user_id": "ana"}
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go", **given)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(asked))
        manifest = await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert run.content == "got ({'k': 1}, {'d': 2}, {'m': 3}, 'ana')"
    assert manifest.session_state == {"k": 1, "notes": ["n"]}


async def test_a_members_tool_sees_the_teams_state_and_writes_into_it(bench: Bench) -> None:
    """agno gives a member that goes on an empty state of its own."""
    member = caller([("note", {"text": "n"})], name="ops", tools=[note])
    desk = leader([delegate("ops")], members=[member])
    workflow = Workflow(name="given", steps=[Step(name="desk", team=desk)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go", session_state={"k": 1}, dependencies={"d": 2})
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(asked))
        manifest = await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert asked.requirement.tools[0].member == "ops"
    assert "({'k': 1}, {'d': 2}" in run.content
    assert manifest.session_state == {"k": 1, "notes": ["n"]}


async def test_a_member_of_a_members_team(bench: Bench) -> None:
    inner = leader([delegate("ops")], name="inner", members=[caller([DROP], name="ops", tools=[drop])])
    workflow = Workflow(name="deep", steps=[Step(name="desk", team=leader([delegate("inner")], members=[inner]))])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(asked))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert "dropped users" in run.content


async def test_a_pause_counts_where_the_workflow_keeps_no_executor_runs(bench: Bench) -> None:
    """agno takes the pause for the output, and the run ends (D23)."""
    at = tool_scene()
    at.workflow.store_executor_outputs = False
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(asked))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert (at.ran, run.step_executor_runs) == (["before", "drop users", "after"], None)


async def test_a_nested_workflow_under_review_asks_for_its_tools_first(bench: Bench) -> None:
    inner = nested("box", Step(name="ops", agent=caller([DROP], tools=[drop])))
    inner.human_review = HumanReview(requires_output_review=True)
    workflow = Workflow(name="outer", steps=[inner])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, allowed(asked))
        [review] = await bench.paused(run_id)
        await bench.runs.decide(run_id, Decision(review.requirement.id, Action.CONFIRM))
        run = await bench.ended(run_id)

    assert (asked.requirement.kind, review.requirement.kind) == (Kind.EXECUTOR, Kind.OUTPUT_REVIEW)
    assert run.status == "COMPLETED"
