"""What functions make for a team, its members and its tools, is there when the team goes on; and a team without the
member that waits does nothing of what was answered."""

from __future__ import annotations

from typing import Any

import pytest
from agno.agent import Agent
from agno.team import Team
from agno.tools import tool
from agno.workflow import Step, Workflow

from agno_temporal.agno_bridge.lookup import StepBlocked
from agno_temporal.contract.outputs import Leaf
from agno_temporal.hitl import ToolAnswer
from tests.bridge.by_hand import ByHand
from tests.tool_script import caller, count, delegate, drop, leader

DROP = ("drop", {"table": "users"})
OWN = ("drop", {"table": "own"})
TOLD = "got Member results after human-in-the-loop resolution:\n[ops]: got dropped users"


def ops() -> list[Agent]:
    return [caller([DROP], name="ops", tools=[drop])]


def made(members: Any, *turns: Any, **options: Any) -> Team:
    """A team whose members a function makes."""
    team = leader(*turns, **options)
    team.members = members
    return team


async def waiting(team: Team) -> tuple[ByHand, Leaf, dict[str, ToolAnswer]]:
    """A run in which the team waits, and a yes to all that it asks."""
    run = ByHand(Workflow(name="release", steps=[Step(name="desk", team=team)]), "go")
    leaf = await run.step("0")
    pause = run.results[leaf.activity_id].pause
    assert pause is not None
    return run, leaf, {asked.id: ToolAnswer(confirmed=True) for asked in pause.tools}


async def allowed(team: Team) -> Any:
    """What a team says in the end that was allowed everything."""
    run, leaf, yes = await waiting(team)
    after = await run.go_on("0", leaf, **yes)
    return run.results[after.activity_id].body["output"]["content"]


async def in_a_coroutine(run_context: Any) -> list[Agent]:
    return ops() if run_context.session_id == "session-1" else []


@pytest.mark.parametrize("members", [ops, in_a_coroutine])
async def test_a_member_that_a_function_makes_goes_on(members: Any):
    """In agno it is no member then, and the run raises (agno/team/_run.py:6312)."""
    assert await allowed(made(members, [delegate("ops")])) == TOLD


async def test_a_member_that_a_function_makes_for_a_team_in_the_team_goes_on():
    inner = made(ops, [delegate("ops")], name="inner")
    assert TOLD in await allowed(leader([delegate("inner")], members=[caller(name="idle"), inner]))


async def test_a_tool_that_a_function_makes_for_a_leader_is_the_leaders():
    """In agno nobody has it then."""
    desk = leader([delegate("ops"), OWN], members=ops())
    desk.tools = lambda: [drop, count]
    assert await allowed(desk) == f"{TOLD} | dropped own"


def others() -> list[Agent]:
    return [caller(name="dev")]


@pytest.mark.parametrize("members", [others, [], others()], ids=["made", "none", "listed"])
async def test_a_team_without_the_member_that_waits_is_blocked_before_a_tool_has_run(members: Any):
    ran: list[str] = []

    @tool(requires_confirmation=True)
    def drop(table: str) -> str:
        """Drops."""
        ran.append(table)
        return "dropped"

    desk = leader([delegate("ops"), OWN], members=ops(), tools=[drop], name="Desk")
    run, leaf, yes = await waiting(desk)
    desk.members = members
    with pytest.raises(StepBlocked, match=r"^step '0' \(\"desk\"\): .*'ops', which is not a member of team 'Desk'"):
        await run.go_on("0", leaf, **yes)
    assert ran == []
