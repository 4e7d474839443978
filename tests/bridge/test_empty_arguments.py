"""Which arguments of a tool a form may leave empty, and what the tool is called with then: what agno calls it with
where that works, and its own default where agno's None does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Optional

import pytest
from agno.db.in_memory import InMemoryDb
from agno.tools import Toolkit, tool
from agno.workflow import Step, Workflow

from agno_temporal.contract.outputs import Leaf
from agno_temporal.hitl import Action, ToolAnswer, ToolQuestion
from agno_temporal.hitl.executor import answers_of
from tests.bridge.by_hand import ByHand
from tests.hitl.questions import answer
from tests.hitl.tool_questions import executor
from tests.tool_script import caller, delegate, leader

CALL = ("send", {"subject": "s"})

MAYBE: Any = Optional[int]  # noqa: UP045 - agno 3.1.4 has no name for `int | None`.


def sender(annotation: Any, *default: Any) -> Callable[..., str]:
    """A function whose argument `copies` is of this type, and has this default."""

    def send(subject: str, copies: Any) -> str:
        """Sends."""
        return repr(copies)

    def send_or(subject: str, copies: Any = default[0] if default else None) -> str:
        """Sends."""
        return repr(copies)

    function = send_or if default else send
    function.__name__ = "send"
    function.__annotations__["copies"] = annotation
    if annotation is None:
        del function.__annotations__["copies"]
    return function


def asking(function: Callable[..., str]) -> Any:
    return tool(requires_user_input=True, user_input_fields=["copies"])(function)


async def paused(*, agent: Any = None, team: Any = None) -> tuple[ByHand, Leaf, ToolQuestion]:
    run = ByHand(Workflow(name="mail", steps=[Step(name="ops", agent=agent, team=team)]), "go")
    leaf = await run.step("0")
    pause = run.results[leaf.activity_id].pause
    assert pause is not None
    return run, leaf, pause.tools[0]


async def called(run: ByHand, leaf: Leaf, asked: ToolQuestion, **values: Any) -> str:
    """What the model was told of the call."""
    decision = answer(Action.ANSWER, answers={asked.id: ToolAnswer(values=values)})
    given = answers_of(executor(asked), decision)
    assert given is not None
    after = await run.go_on("0", leaf, **given)
    return str(run.results[after.activity_id].body["output"]["content"])


NONE: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (MAYBE, ()),
    (MAYBE, (None,)),
    (MAYBE, (3,)),
    (Literal["two", None], ()),
    (Any, ()),
    (None, (3,)),
)
DEFAULTS: tuple[tuple[Any, tuple[Any, ...]], ...] = ((int, (3,)), (int, (None,)), (str, ("",)))


async def in_agno(annotation: Any, *default: Any) -> Any:
    """What agno's own agent makes of an empty field."""
    agent = caller([CALL], tools=[asking(sender(annotation, *default))], db=InMemoryDb())
    run = await agent.arun("go", session_id="s")
    run.requirements[0].provide_user_input({})
    return (await agent.acontinue_run(run)).content  # type: ignore[misc]


@pytest.mark.parametrize(("annotation", "default"), NONE)
async def test_an_empty_field_is_none_where_the_argument_may_be_as_in_agno(annotation: Any, default: tuple[Any, ...]):
    run, leaf, asked = await paused(agent=caller([CALL], tools=[asking(sender(annotation, *default))]))
    assert [(one.name, one.required) for one in asked.form] == [("subject", True), ("copies", False)]
    assert await called(run, leaf, asked) == await in_agno(annotation, *default) == "got None"


@pytest.mark.parametrize(("annotation", "default"), DEFAULTS)
async def test_an_empty_field_is_the_default_where_agnos_none_is_refused(annotation: Any, default: tuple[Any, ...]):
    run, leaf, asked = await paused(agent=caller([CALL], tools=[asking(sender(annotation, *default))]))
    assert [(one.name, one.required) for one in asked.form] == [("subject", True), ("copies", False)]
    assert await called(run, leaf, asked) == f"got {default[0]!r}"
    assert "validation error" in await in_agno(annotation, *default)


@pytest.mark.parametrize("annotation", [int, str, None])
async def test_without_a_default_and_without_none_a_field_is_required(annotation: Any):
    _, _, asked = await paused(agent=caller([CALL], tools=[asking(sender(annotation))]))
    assert [(one.name, one.required) for one in asked.form] == [("subject", True), ("copies", True)]


async def test_what_is_filled_in_goes_before_the_default():
    run, leaf, asked = await paused(agent=caller([CALL], tools=[asking(sender(int, 3))]))
    assert await called(run, leaf, asked, copies=5) == "got 5"


async def test_none_takes_back_what_the_model_gave_only_where_the_argument_may_be_none():
    call = ("send", {"subject": "s", "copies": 7})
    run, leaf, asked = await paused(agent=caller([call], tools=[asking(sender(MAYBE))]))
    assert await called(run, leaf, asked, copies=None) == "got None"
    run, leaf, asked = await paused(agent=caller([call], tools=[asking(sender(int, 3))]))
    assert await called(run, leaf, asked, copies=None) == "got 7"


async def test_a_toolkits_function_has_its_defaults_too():
    kit = Toolkit(name="kit", tools=[asking(sender(int, 3))])
    run, leaf, asked = await paused(agent=caller([CALL], tools=[kit]))
    assert await called(run, leaf, asked) == "got 3"


async def test_a_members_argument_may_be_none_and_is_required_where_only_its_default_is_none():
    """A member's call is put together by agno from the member's own run, and with None where a field is empty."""
    desk = leader([delegate("ops")], members=[caller([CALL], name="ops", tools=[asking(sender(MAYBE))])])
    run, leaf, asked = await paused(team=desk)
    assert "got None" in await called(run, leaf, asked)

    desk = leader([delegate("ops")], members=[caller([CALL], name="ops", tools=[asking(sender(int, 3))])])
    _, _, asked = await paused(team=desk)
    assert [one.required for one in asked.form] == [True, True]
