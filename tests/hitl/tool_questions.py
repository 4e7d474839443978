"""Questions of tools, as tests want them."""

from typing import Any

from agno_temporal.hitl import Choice, Kind, Option, Policy, Requirement, ToolKind, ToolQuestion
from agno_temporal.plan import InputField
from tests.hitl.questions import ELSEWHERE, question


def confirmation(tool_id: str = "c1", **others: Any) -> ToolQuestion:
    return ToolQuestion(tool_id, f"r-{tool_id}", ToolKind.CONFIRMATION, "drop", **others)


def form(tool_id: str = "f1", *fields: InputField) -> ToolQuestion:
    return ToolQuestion(tool_id, f"r-{tool_id}", ToolKind.USER_INPUT, "send", form=fields or (InputField("to"),))


def choice(tool_id: str = "q1", **others: Any) -> ToolQuestion:
    options = (Option("eu"), Option("us"))
    return ToolQuestion(
        tool_id,
        f"r-{tool_id}",
        ToolKind.USER_FEEDBACK,
        "ask_user",
        choices=(Choice("where", options=options, **others),),
    )


def elsewhere() -> ToolQuestion:
    return ELSEWHERE


def executor(*tools: ToolQuestion, policy: Policy | None = None, **others: Any) -> Requirement:
    """What an agent of the step "deploy" asks; one confirmation, unless it is told."""
    return question(Kind.EXECUTOR, policy=policy, tools=tools or (confirmation(),), **others)
