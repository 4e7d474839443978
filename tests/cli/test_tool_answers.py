"""`answer`, `confirm` and `reject` for an agent that waits at its tools; and how that is shown."""

from __future__ import annotations

import re
from typing import Optional

import pytest
from agno.tools import tool
from agno.workflow import Step, Workflow

from agno_temporal.cli.exits import Failed
from agno_temporal.cli.tool_answers import tool_answers
from agno_temporal.hitl import Choice, Kind, Policy, Requirement, ToolAnswer, ToolKind, ToolQuestion
from agno_temporal.views.kinds import after_deadline
from tests.cli.conftest import Cli
from tests.support import Bench
from tests.tool_script import caller, drop, send, shell

DROP = ("drop", {"table": "users"})
TURN = [DROP, ("send", {"subject": "s"}), ("shell", {"command": "ls"})]

QUESTIONS = [
    ToolQuestion("c1", "r1", ToolKind.CONFIRMATION, "drop"),
    ToolQuestion("c2", "r2", ToolKind.CONFIRMATION, "drop"),
    ToolQuestion("f1", "r3", ToolKind.USER_INPUT, "send"),
    ToolQuestion("q1", "r4", ToolKind.USER_FEEDBACK, "ask_user", choices=(Choice("where"),)),
    ToolQuestion("x1", "r5", ToolKind.EXTERNAL_EXECUTION, "shell"),
]

ASKED = [{"tool_call_id": one.id, "tool_name": one.tool_name, "kind": one.kind.value} for one in QUESTIONS]


def workflow(*turn: tuple) -> Workflow:
    return Workflow(name="ops", steps=[Step(name="ops", agent=caller([*turn], tools=[drop, send, shell]))])


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("c1=yes", {"c1": ToolAnswer(confirmed=True)}),
        ("c2=no", {"c2": ToolAnswer(confirmed=False)}),
        ("c2=no: not now", {"c2": ToolAnswer(confirmed=False, note="not now")}),
        ('send={"to": "ana"}', {"f1": ToolAnswer(values={"to": "ana"})}),
        ('q1={"where": ["eu"]}', {"q1": ToolAnswer(selections={"where": ("eu",)})}),
        ("shell=a=b", {"x1": ToolAnswer(result="a=b")}),
        ('other={"confirmed": true}', {"other": ToolAnswer(confirmed=True)}),
    ],
)
def test_each_kind_has_a_short_answer(pair: str, expected: dict[str, ToolAnswer]) -> None:
    assert tool_answers([pair], ASKED) == expected


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        ("c1", "'c1' is not CALL=ANSWER"),
        ("drop=yes", "'drop' was called more than once: c1, c2"),
        ("c1=maybe", "it is yes, no, or no: WHY"),
        ("f1=ana", "f1: 'ana' is no answer"),
        ('q1={"where": "eu"}', "expected a list"),
    ],
)
def test_what_is_no_answer_is_said_with_an_example(pair: str, why: str) -> None:
    with pytest.raises(Failed, match=why):
        tool_answers([pair], ASKED)


def test_a_call_may_have_an_equals_sign_in_its_id() -> None:
    asked = [{**ASKED[0], "tool_call_id": call} for call in ("c", "c=1", "c=1=")]
    assert tool_answers(["c=1==yes", "c=1=no"], asked) == {
        "c=1=": ToolAnswer(confirmed=True),
        "c=1": ToolAnswer(confirmed=False),
    }


@pytest.mark.parametrize("pairs", [["c1=no", "c1=yes"], ["send={}", "f1={}"]])
def test_of_two_answers_to_one_call_none_is_taken(pairs: list[str]) -> None:
    with pytest.raises(Failed, match="is answered twice"):
        tool_answers(pairs, ASKED)


async def test_every_tool_of_a_turn_is_answered_at_once(cli: Cli, bench: Bench) -> None:
    async with bench.worker(workflow(*TURN)):
        run_id = await bench.start(workflow(*TURN), "go")
        await bench.paused(run_id)
        shown = await cli.ok("show", run_id)
        refused = await cli.refused(2, "answer", run_id, "--tool", "drop=yes")
        assert "send (Ops-0-1): values are needed for to, copies" in refused
        pairs = ["drop=no: keep it", 'send={"to": "ana", "copies": 2}', "shell=a b"]
        said = await cli.ok("answer", run_id, *(part for pair in pairs for part in ("--tool", pair)))
        await bench.ended(run_id)
        content = (await cli.json("show", run_id))["content"]
    assert "waits for answers to its tools" in shown
    assert "may it run?" in shown
    assert "answer" in shown
    assert said.endswith(": step 'ops' answered by ana.\n")
    assert content == "got keep it | sent s to ana 2 times | a b"


async def test_an_argument_that_may_be_left_empty_is_shown_as_optional_and_may_be_left_out(
    cli: Cli, bench: Bench
) -> None:
    @tool(requires_user_input=True, user_input_fields=["to", "copies"])
    def mail(to: str, copies: Optional[int] = None) -> str:  # noqa: UP045 - for agno 3.1.4
        """Sends a mail."""
        return f"to {to}, {copies}"

    mailing = Workflow(name="ops", steps=[Step(name="ops", agent=caller([("mail", {})], tools=[mail]))])
    async with bench.worker(mailing):
        run_id = await bench.start(mailing, "go")
        await bench.paused(run_id)
        shown = await cli.ok("show", run_id)
        await cli.ok("answer", run_id, "--tool", 'mail={"to": "ana"}')
        await bench.ended(run_id)
        content = (await cli.json("show", run_id))["content"]
    assert "to (str)" in shown
    assert re.search(r"copies \(.*, optional\)", shown)
    assert content == "got to ana, None"


async def test_of_long_arguments_the_rest_is_said_to_be_there(cli: Cli, bench: Bench) -> None:
    turn = [("drop", {"table": "users", "why": "a" * 120 + "really: orders"}), ("drop", {"table": "a" * 1000})]
    async with bench.worker(workflow(*turn)):
        run_id = await bench.start(workflow(*turn), "go")
        await bench.paused(run_id)
        shown = await cli.ok("show", run_id, columns=300)
    assert "really: orders" in shown
    assert "more characters; --json has all)" in shown


@pytest.mark.parametrize(
    ("command", "content"), [(("confirm",), "got dropped users"), (("reject", "--feedback", "no"), "got no")]
)
async def test_a_plain_yes_or_no_where_only_that_is_asked(cli: Cli, bench: Bench, command: tuple, content: str) -> None:
    async with bench.worker(workflow(DROP)):
        run_id = await bench.start(workflow(DROP), "go")
        await bench.paused(run_id)
        await cli.ok(command[0], run_id, *command[1:])
        await bench.ended(run_id)
        assert (await cli.json("show", run_id))["content"] == content


async def test_a_script_reads_what_is_asked(cli: Cli, bench: Bench) -> None:
    async with bench.worker(workflow(*TURN)):
        run_id = await bench.start(workflow(*TURN), "go")
        await bench.paused(run_id)
        [waiting] = (await cli.json("show", run_id))["pending"]
    assert waiting["actions"] == ["answer"]
    assert [(tool["tool_call_id"], tool["kind"]) for tool in waiting["tools"]] == [
        ("Ops-0-0", "confirmation"),
        ("Ops-0-1", "user_input"),
        ("Ops-0-2", "external_execution"),
    ]
    assert waiting["tools"][0]["arguments"] == {"table": "users"}


@pytest.mark.parametrize(
    ("policy", "tools", "words"),
    [
        ({"on_timeout": "approve"}, QUESTIONS[:1], "its tools are allowed"),
        ({"on_timeout": "approve"}, QUESTIONS, "the run is cancelled"),
        ({"on_timeout": "reject"}, QUESTIONS[:1], "its tools are rejected, and the model goes on"),
        ({"on_timeout": "reject", "on_reject": "skip"}, QUESTIONS, "the step is skipped"),
        ({"on_timeout": "reject", "on_reject": "cancel"}, QUESTIONS, "the run is cancelled"),
        ({"on_timeout": "skip"}, QUESTIONS, "the step is skipped"),
    ],
)
def test_a_deadline_says_what_becomes_of_the_tools(policy: dict, tools: list, words: str) -> None:
    one = Requirement("r", "0", "ops", 0, "Step", Kind.EXECUTOR, 1, 0.0, policy=Policy(**policy), tools=tuple(tools))
    assert after_deadline(one) == words


async def test_every_tool_is_asked_about_at_the_terminal(cli: Cli, bench: Bench) -> None:
    typed = "answer\nno\nkeep it\n\nana\n2\na b\n"
    async with bench.worker(workflow(*TURN)):
        result = await cli("run", "ops", "--input", "go", "--ask", stdin=typed)
    assert "May drop run: yes, no?" in result.stdout
    assert result.stdout.endswith("Content:\ngot keep it | sent s to ana 2 times | a b\n")
