"""A paused agent or team becomes data, and that data goes on: the same calls, once, with what they were given."""

from __future__ import annotations

import json
from typing import Any

import pytest
from agno.agent import Agent
from agno.approval import approval
from agno.db.in_memory import InMemoryDb
from agno.tools import Function, tool
from agno.workflow import Step, Workflow

from agno_temporal.agno_bridge.tool_questions import MAX_ARGS_BYTES, MAX_ASKED_BYTES, UnsupportedAtRunTime
from agno_temporal.contract.outputs import Leaf
from agno_temporal.hitl import PausedExecutor, ToolAnswer, ToolKind, ToolQuestion
from tests.bridge.by_hand import ByHand
from tests.tool_script import ToolScript, caller, count, delegate, drop, leader, send

YES = ToolAnswer(confirmed=True)
NO = ToolAnswer(confirmed=False, note="no")
DROP = ("drop", {"table": "users"})


def by_hand(executor: Any, **options: Any) -> ByHand:
    kind = "agent" if isinstance(executor, Agent) else "team"
    return ByHand(Workflow(name="release", steps=[Step(name="ops", **{kind: executor})], **options), "go")


async def paused(run: ByHand) -> tuple[Leaf, tuple[ToolQuestion, ...]]:
    leaf = await run.step("0")
    pause = run.results[leaf.activity_id].pause
    assert pause is not None
    return leaf, pause.tools


def content(run: ByHand, leaf: Leaf) -> Any:
    return run.results[leaf.activity_id].body["output"]["content"]


async def test_what_a_tool_asks_is_read_off_the_paused_run():
    run = by_hand(caller([DROP], tools=[drop], id="ops-id"))
    leaf, [asked] = await paused(run)
    assert (asked.id, asked.kind, asked.tool_name) == ("Ops-0-0", ToolKind.CONFIRMATION, "drop")
    assert asked.tool_args == {"table": "users"}
    pause = run.results[leaf.activity_id].pause
    assert pause is not None
    run_id = run.results[leaf.activity_id].body["runs"][0]["run"]["run_id"]
    assert pause.executor == PausedExecutor("agent", "ops-id", "Ops", run_id, "session-1")


async def test_a_result_without_a_pause_says_nothing_of_one():
    run = by_hand(caller([("count", {"table": "t"})], tools=[count]))
    leaf = await run.step("0")
    assert run.results[leaf.activity_id].pause is None


async def test_a_confirmed_tool_runs_once_and_what_ran_before_the_pause_does_not_run_again():
    ran: list[str] = []

    @tool
    def look(table: str) -> str:
        """Looks."""
        ran.append("look")
        return "seen"

    @tool(requires_confirmation=True)
    def drop(table: str) -> str:
        """Drops."""
        ran.append("drop")
        return "dropped"

    run = by_hand(caller([("look", {"table": "t"}), DROP], tools=[look, drop]))
    leaf, [asked] = await paused(run)
    after = await run.go_on("0", leaf, **{asked.id: YES})
    assert ran == ["look", "drop"]
    assert content(run, after) == "got seen | dropped"


async def test_a_retry_starts_from_the_run_as_it_paused():
    run = by_hand(caller([DROP], tools=[drop]))
    leaf, [asked] = await paused(run)
    first = await run.go_on("0", leaf, **{asked.id: YES})
    again = await run.go_on("0", leaf, **{asked.id: YES})
    assert content(run, first) == content(run, again) == "got dropped users"


async def test_the_agents_run_keeps_its_id_and_is_the_step_s_last_word():
    run = by_hand(caller([DROP], tools=[drop]))
    leaf, [asked] = await paused(run)
    after = await run.go_on("0", leaf, **{asked.id: YES})
    before, [final] = run.results[leaf.activity_id].body, run.results[after.activity_id].body["runs"]
    assert final["run"]["run_id"] == before["runs"][0]["run"]["run_id"]
    assert [one.content for one in run.run(after).step_executor_runs] == ["got dropped users"]


async def test_calls_that_share_an_id_are_asked_and_answered_apart():
    """agno would answer both with the last answer (agno/workflow/workflow.py:364)."""
    calls = [("drop", {"table": "users"}), ("drop", {"table": "logs"})]
    run = by_hand(caller(calls, tools=[drop], same_ids=True))
    leaf, [users, logs] = await paused(run)
    assert users.id == users.requirement_id != logs.id
    after = await run.go_on("0", leaf, **{users.id: NO, logs.id: YES})
    assert content(run, after) == "got no | dropped logs"


@pytest.mark.parametrize("given", [{}, {"Ops-0-0": YES, "other": YES}, {"other": YES}])
async def test_answers_to_something_else_are_refused(given: dict[str, ToolAnswer]):
    run = by_hand(caller([DROP], tools=[drop]))
    leaf, _ = await paused(run)
    with pytest.raises(UnsupportedAtRunTime, match="step '0'"):
        await run.go_on("0", leaf, **given)


async def test_a_tool_that_asks_for_two_things_at_once_is_refused():
    """agno would run it after the first answer, without the second."""
    both = Function(name="drop", entrypoint=lambda table: table, requires_confirmation=True, external_execution=True)
    agent = caller([DROP])
    agent.tools = lambda: [both]  # A factory: nobody could see it before.
    run = by_hand(agent)
    with pytest.raises(UnsupportedAtRunTime, match="tool 'drop' asks for more than one thing"):
        await run.step("0")


async def test_large_arguments_are_left_out_of_the_question_and_given_to_the_tool():
    text = "x" * (MAX_ARGS_BYTES + 1)
    run = by_hand(caller([("drop", {"table": text})], tools=[drop]))
    leaf, [asked] = await paused(run)
    assert asked.tool_args is None
    assert asked.args_size == len(json.dumps({"table": text}))
    after = await run.go_on("0", leaf, **{asked.id: YES})
    assert content(run, after) == f"got dropped {text}"


async def test_an_agent_that_stores_no_tool_messages_still_knows_what_it_called():
    """agno drops the call that waits from the paused run, and a model is given a result for a call it never made."""
    run = by_hand(caller([("count", {"table": "t"}), DROP], tools=[count, drop], store_tool_messages=False))
    leaf, [asked] = await paused(run)
    after = await run.go_on("0", leaf, **{asked.id: YES})
    assert content(run, after) == "got t has 3 rows | dropped users"


async def test_a_model_that_fails_after_the_pause_is_a_failed_output_and_not_the_text_of_the_pause():
    class Breaks(ToolScript):
        def invoke(self, messages: Any, **_: Any) -> Any:
            if messages[-1].role == "tool":
                raise ConnectionError("no such model")
            return super().invoke(messages)

    agent = Agent(name="Ops", model=Breaks(turns=[[DROP]]), tools=[drop], telemetry=False)
    run = by_hand(agent)
    leaf, [asked] = await paused(run)
    after = await run.go_on("0", leaf, **{asked.id: YES})
    assert (after.success, after.error, content(run, after)) == (False, "no such model", "no such model")


async def test_a_member_that_cannot_go_on_fails_the_step():
    """agno writes a line into the log, and the team goes on without its member."""
    desk = leader([delegate("ops")], members=[caller([DROP], name="ops", tools=[drop])])
    run = by_hand(desk)
    leaf, [asked] = await paused(run)
    desk.members[0].tools = [count]
    with pytest.raises(Exception, match="Function call not found"):
        await run.go_on("0", leaf, **{asked.id: YES})


async def test_a_team_that_goes_on_is_left_as_it_was():
    member = caller([DROP], name="ops", tools=[drop])
    desk = leader([delegate("ops")], members=[member])
    run = by_hand(desk)
    leaf, [asked] = await paused(run)
    await run.go_on("0", leaf, **{asked.id: YES})
    assert desk.members == [member]
    assert "acontinue_run" not in vars(member)


async def test_a_member_may_pause_turn_after_turn():
    turns = [[DROP], [("send", {"subject": "s"})]]
    desk = leader([delegate("ops")], members=[caller(*turns, name="ops", tools=[drop, send])])
    run = by_hand(desk)
    leaf, [first] = await paused(run)
    second = await run.go_on("0", leaf, **{first.id: YES})
    pause = run.results[second.activity_id].pause
    assert pause is not None
    [asked] = pause.tools
    last = await run.go_on("0", second, 2, **{asked.id: ToolAnswer(values={"to": "ana", "copies": 1})})
    assert "sent s to ana 1 times" in content(run, last)


@approval
@tool(requires_confirmation=True)
def approved(table: str) -> str:
    """Drops a table, once approved."""
    return f"dropped {table}"


@pytest.mark.parametrize("db", [None, InMemoryDb()], ids=["without a database", "with one"])
@pytest.mark.parametrize("kind", ["agent", "team"])
async def test_a_tool_under_approval_is_a_confirmation(kind: str, db: Any):
    call = ("approved", {"table": "users"})
    executor = caller([call], tools=[approved], db=db) if kind == "agent" else leader([call], tools=[approved], db=db)
    run = by_hand(executor)
    leaf, [asked] = await paused(run)
    assert asked.kind is ToolKind.CONFIRMATION
    after = await run.go_on("0", leaf, **{asked.id: YES})
    assert content(run, after) == "got dropped users"


async def test_more_than_a_run_can_show_is_refused_with_what_to_do_instead():
    call = ("send", {"subject": "x" * MAX_ASKED_BYTES})
    with pytest.raises(UnsupportedAtRunTime, match=r"step '0'.*bytes; at most.*reference"):
        await by_hand(caller([call], tools=[send])).step("0")


LEADS = [delegate("ops"), ("drop", {"table": "own"})]
TOLD = "got Member results after human-in-the-loop resolution:\n[ops]: got dropped users"


async def test_a_leader_that_waited_too_is_told_what_its_member_did():
    """In agno the leader reads "requires human input" (agno/team/_run.py:9590)."""
    desk = leader(LEADS, members=[caller([DROP], name="ops", tools=[drop])], tools=[drop])
    run = by_hand(desk)
    leaf, asked = await paused(run)
    after = await run.go_on("0", leaf, **{one.id: YES for one in asked})
    assert content(run, after) == f"{TOLD} | dropped own"


async def test_a_leaders_answered_tool_runs_after_its_member_has_paused_again():
    turns = [[DROP], [("drop", {"table": "logs"})]]
    desk = leader(LEADS, members=[caller(*turns, name="ops", tools=[drop])], tools=[drop])
    run = by_hand(desk)
    leaf, asked = await paused(run)
    second = await run.go_on("0", leaf, **{one.id: YES for one in asked})
    pause = run.results[second.activity_id].pause
    assert pause is not None
    [again] = pause.tools
    after = await run.go_on("0", second, 2, **{again.id: YES})
    assert content(run, after) == f"{TOLD} | dropped logs | dropped own"
