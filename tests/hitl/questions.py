"""One question and one answer, as tests want them: only what a test is about is named there."""

from dataclasses import replace
from typing import Any

from agno_temporal.hitl import Action, Decision, Kind, Policy, Requirement, ToolKind, ToolQuestion
from agno_temporal.plan import InputField

OPENED = 1_000.0
"""When a question opens here, in seconds since the epoch."""

ANA = "ana@example.org"
BEN = "ben@example.org"

REGION = InputField("region", allowed_values=("eu", "us"))
ELSEWHERE = ToolQuestion("x1", "r-x1", ToolKind.EXTERNAL_EXECUTION, "shell")
"""What an executor asks here, unless a test says otherwise: neither a yes nor a default answers it."""

REPLICAS = InputField("replicas", "int")


def question(kind: Kind = Kind.CONFIRMATION, *, policy: Policy | None = None, **others: Any) -> Requirement:
    """A question of the step "deploy", open since `OPENED`, without a deadline."""
    asked = Requirement(
        id="q1", path="1", step_name="deploy", step_index=1, step_type="Step", kind=kind, occurrence=1, opened_at=OPENED
    )
    tools = {"tools": (ELSEWHERE,)} if kind is Kind.EXECUTOR else {}
    return replace(asked, policy=policy or Policy(), **{**tools, **others})


def answer(action: Action = Action.CONFIRM, **others: Any) -> Decision:
    """An answer to `question()`."""
    return Decision(**{"requirement_id": "q1", "action": action, "decided_by": ANA, **others})
