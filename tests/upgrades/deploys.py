"""Two versions of one workflow, and a run that began with the first and meets the second at its gate.

A step writes down which version ran it, so that what was run, what was run twice, and what was run in another's place
can be told afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agno.agent import Agent
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.client import Blocked
from agno_temporal.hitl import Action, Decision
from tests.support import Bench, eventually
from tests.tool_script import ToolScript

Ran = list[tuple[str, int]]
"""Name and version of each step, in the order in which they ran."""


@dataclass
class Version:
    """Makes the steps of one version of the code."""

    number: int
    ran: Ran = field(default_factory=list)

    def step(self, name: str, **settings: Any) -> Step:
        def run(step_input: Any) -> str:
            self.ran.append((name, self.number))
            return f"{name} {self.number}"

        return Step(name=name, executor=run, max_retries=0, **settings)

    def gate(self) -> Step:
        return self.step("gate", human_review=HumanReview(requires_confirmation=True))

    def agent(self, name: str) -> Step:
        """An agent that needs no tool; its model notes that it ran."""
        version = self

        class Noting(ToolScript):
            def invoke(self, messages: Any, **kwargs: Any) -> Any:
                version.ran.append((name, version.number))
                return super().invoke(messages, **kwargs)

        return Step(name=name, agent=Agent(name=name, model=Noting(), telemetry=False), max_retries=0)


def workflow(*steps: Any) -> Workflow:
    return Workflow(name="deploy", steps=list(steps))


Place = Callable[[Version, list[Any], str], list[Any]]
"""Puts steps into a container of this name, and gives the workflow's own steps."""

PLACES: dict[str, Place] = {
    "steps": lambda v, inside, name: [Steps(name=name, steps=inside)],
    "loop": lambda v, inside, name: [Loop(name=name, steps=inside, max_iterations=1)],
    "condition": lambda v, inside, name: [Condition(name=name, evaluator=True, steps=inside)],
    "else": lambda v, inside, name: [
        Condition(name=name, evaluator=False, steps=[v.step("if")], else_steps=inside),
    ],
    "router": lambda v, inside, name: [
        Router(name=name, choices=[Steps(name="branch", steps=inside)], selector=lambda _: "branch"),
    ],
    "parallel": lambda v, inside, name: [
        Parallel(Steps(name="branch", steps=inside), Steps(name="other", steps=[]), name=name)
    ],
    "nested": lambda v, inside, name: [Step(name=name, workflow=Workflow(name="inner", steps=inside))],
}


class Deployed:
    """One run, across versions."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.run_id = ""

    async def start(self, before: Workflow) -> None:
        """Run it with the first version up to its gate."""
        async with self.bench.worker(before):
            self.run_id = await self.bench.start(before, "x")
            await self.bench.paused(self.run_id)

    async def decide(self, action: Action = Action.CONFIRM, **answer: Any) -> None:
        (asked,) = await self.bench.paused(self.run_id)
        await self.bench.runs.decide(self.run_id, Decision(asked.requirement.id, action, **answer))

    async def blocked(self) -> Blocked:
        return (await eventually("the run to be blocked", lambda: self.bench.runs.blocked(self.run_id)))[0]

    async def completed(self) -> None:
        manifest = await self.bench.ended(self.run_id)
        assert manifest.status == "COMPLETED", manifest.content
