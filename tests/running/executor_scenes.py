"""An agent that pauses at a tool, in every place of a workflow; and answers to its tools."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agno.tools import tool
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision, ToolAnswer
from tests.running.scenes import PLACES
from tests.tool_script import Call, caller

DROP: Call = ("drop", {"table": "users"})


@dataclass
class ToolScene:
    """A workflow `before, <agent>, after`, and what ran: the steps and the calls of `drop`."""

    workflow: Workflow
    ran: list[str] = field(default_factory=list)


def tool_scene(*turns: list[Call], place: str = "top level", name: str = "scene", **review: Any) -> ToolScene:
    """An agent that calls `drop` in one turn, or as it is told."""
    ran: list[str] = []

    @tool(requires_confirmation=True)
    def drop(table: str) -> str:
        """Drops a table."""
        ran.append(f"drop {table}")
        return f"dropped {table}"

    def step(name: str) -> Step:
        def run(step_input: Any) -> str:
            ran.append(name)
            return f"{name} [{step_input.get_last_step_content()}]"

        return Step(name=name, executor=run)

    agent = caller(*(turns or ([DROP],)), tools=[drop])
    gate = Step(name="gate", agent=agent, human_review=HumanReview(**review), max_retries=0)
    return ToolScene(Workflow(name=name, steps=[step("before"), PLACES[place](gate), step("after")]), ran)


def answers(asked: Asked, *given: ToolAnswer, **others: Any) -> Decision:
    """The answers to the tools of a requirement, in their order."""
    ids = [one.id for one in asked.requirement.tools]
    return Decision(asked.requirement.id, Action.ANSWER, answers=dict(zip(ids, given, strict=True)), **others)


def allowed(asked: Asked, **others: Any) -> Decision:
    """Every tool may run."""
    return answers(asked, *[ToolAnswer(confirmed=True)] * len(asked.requirement.tools), **others)
