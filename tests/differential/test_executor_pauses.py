"""Agents and teams that pause at a tool, at the top level, where agno goes on as it says: both do the same."""

from __future__ import annotations

from typing import Any

import pytest
from agno.tools.user_control_flow import UserControlFlowTools
from agno.tools.user_feedback import UserFeedbackTools
from agno.workflow import HumanReview, Step

from tests.differential.answers import confirm, edit, reject
from tests.differential.blocks import flow, says, tells
from tests.differential.oracle import Oracle
from tests.tool_script import (
    answered,
    caller,
    choose,
    count,
    delegate,
    drop,
    fill,
    give,
    leader,
    no,
    send,
    shell,
    yes,
)

DROP = ("drop", {"table": "users"})


def around(executor: Any, **options: Any) -> Any:
    kind = "team" if hasattr(executor, "members") else "agent"
    return flow(says("first"), Step(name="subject", **{kind: executor}, **options), tells("last"))


@pytest.mark.parametrize("answer", [yes, no(), no("not on a Friday")], ids=["confirmed", "rejected", "with a note"])
async def test_a_tool_that_asks_for_confirmation(oracle_with_db: Oracle, answer: Any) -> None:
    await oracle_with_db.agrees(lambda: around(caller([DROP], tools=[drop])), "go", answered(answer))


async def test_a_tool_that_is_given_its_arguments(oracle_with_db: Oracle) -> None:
    call = ("send", {"subject": "hi"})
    await oracle_with_db.agrees(lambda: around(caller([call], tools=[send])), "go", answered(fill(to="ana", copies=2)))


async def test_a_tool_that_runs_elsewhere(oracle_with_db: Oracle) -> None:
    call = ("shell", {"command": "ls"})
    await oracle_with_db.agrees(lambda: around(caller([call], tools=[shell])), "go", answered(give("a b")))


async def test_an_agent_that_asks_the_user_for_input(oracle_with_db: Oracle) -> None:
    fields = [{"field_name": "region", "field_type": "str", "field_description": "Where?"}]
    call = ("get_user_input", {"user_input_fields": fields})
    await oracle_with_db.agrees(
        lambda: around(caller([call], tools=[UserControlFlowTools()])), "go", answered(fill(region="eu"))
    )


async def test_an_agent_that_asks_the_user_to_choose(oracle_with_db: Oracle) -> None:
    options = [{"label": "eu", "description": "Europe"}, {"label": "us"}]
    call = ("ask_user", {"questions": [{"question": "region", "header": "Where", "options": options}]})
    await oracle_with_db.agrees(
        lambda: around(caller([call], tools=[UserFeedbackTools()])), "go", answered(choose(region=["us"]))
    )


async def test_several_tools_in_one_turn(oracle_with_db: Oracle) -> None:
    turn = [DROP, ("count", {"table": "users"}), ("send", {"subject": "s"}), ("shell", {"command": "ls"})]
    await oracle_with_db.agrees(
        lambda: around(caller(turn, tools=[drop, count, send, shell])),
        "go",
        answered(no("keep it"), fill(to="ben", copies=1), give("done")),
    )


async def test_turns_that_pause_one_after_the_other(oracle_with_db: Oracle) -> None:
    turns = [[DROP], [("count", {"table": "a"})], [("send", {"subject": "s"})], [("drop", {"table": "logs"})]]
    await oracle_with_db.agrees(
        lambda: around(caller(*turns, tools=[drop, count, send])),
        "go",
        answered(yes),
        answered(fill(to="ben", copies=1)),
        answered(no("enough")),
    )


async def test_an_agent_that_says_something_while_it_calls(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: around(caller([DROP], tools=[drop], says="I will drop it")), "go", answered(yes)
    )


@pytest.mark.parametrize("review", [confirm, reject("no"), edit("edited")], ids=["approved", "rejected", "edited"])
async def test_a_confirmation_then_a_tool_then_a_review(oracle_with_db: Oracle, review: Any) -> None:
    gates = HumanReview(requires_confirmation=True, requires_output_review=True, on_reject="skip")
    await oracle_with_db.agrees(
        lambda: around(caller([DROP], tools=[drop]), human_review=gates), "go", confirm, answered(yes), review
    )


async def test_a_teams_own_tool(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: around(leader([DROP], tools=[drop])), "go", answered(yes))


@pytest.mark.parametrize("answer", [yes, no("not now")], ids=["confirmed", "rejected"])
async def test_a_members_tool(oracle_with_db: Oracle, answer: Any) -> None:
    await oracle_with_db.agrees(
        lambda: around(leader([delegate("ops")], members=[caller([DROP], tools=[drop])])), "go", answered(answer)
    )


async def test_a_members_turns(oracle_with_db: Oracle) -> None:
    turns = [[DROP], [("drop", {"table": "logs"})]]
    await oracle_with_db.agrees(
        lambda: around(leader([delegate("ops")], members=[caller(*turns, tools=[drop])])),
        "go",
        answered(yes),
        answered(yes),
    )
