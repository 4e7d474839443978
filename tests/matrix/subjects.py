"""What asks: every primitive with every gate that it has, as a workflow's one gated node.

Each subject runs the step "subject", or, where its answer can lead there, the step "other". Both note that they ran.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agno.tools import tool
from agno.workflow import Condition, HumanReview, Loop, Router, Step, Steps

from tests.tool_script import caller, delegate, leader

Subject: TypeAlias = Callable[["Log", dict[str, Any]], Any]
"""Makes the gated node, from a log and the review's policy."""

FORM = [{"name": "region", "field_type": "str", "value": "eu", "required": True}]


@dataclass
class Log:
    """The names of the steps that ran, and what the last one was given."""

    ran: list[str] = field(default_factory=list)
    last: str | None = None

    def step(self, name: str, fails: int = 0, **options: Any) -> Step:
        """A step that notes its run. It raises the first `fails` times."""

        def work(step_input: Any) -> str:
            self.ran.append(name)
            if self.ran.count(name) <= fails:
                raise ValueError(f"{name} failed")
            return f"{name} ran"

        return Step(name=name, executor=work, max_retries=0, **options)

    def after(self) -> Step:
        def work(step_input: Any) -> str:
            self.ran.append("after")
            self.last = str(step_input.get_last_step_content())
            return "after ran"

        return Step(name="after", executor=work)


def step(fails: int = 0, **gate: Any) -> Subject:
    return lambda log, policy: log.step("subject", fails, human_review=HumanReview(**gate, **policy))


def steps(**gate: Any) -> Subject:
    return lambda log, policy: Steps(
        name="subject", steps=[log.step("subject")], human_review=HumanReview(**gate, **policy)
    )


def loop(iterations: int = 1, **gate: Any) -> Subject:
    return lambda log, policy: Loop(
        name="subject",
        steps=[log.step("subject")],
        max_iterations=iterations,
        human_review=HumanReview(**gate, **policy),
    )


def condition(fails: int = 0, **gate: Any) -> Subject:
    return lambda log, policy: Condition(
        name="subject",
        evaluator=True,
        steps=[log.step("subject", fails)],
        else_steps=[log.step("other")],
        human_review=HumanReview(**gate, **policy),
    )


def router(**gate: Any) -> Subject:
    return lambda log, policy: Router(
        name="way",
        selector=lambda step_input: "subject",
        choices=[log.step("subject"), log.step("other")],
        human_review=HumanReview(**gate, **policy),
    )


def agent(**asks: Any) -> Subject:
    return lambda log, policy: Step(
        name="subject", agent=_ops(log, asks), human_review=HumanReview(**policy), max_retries=0
    )


def member(**asks: Any) -> Subject:
    return lambda log, policy: Step(
        name="subject",
        team=leader([delegate("ops")], members=[_ops(log, asks)]),
        human_review=HumanReview(**policy),
        max_retries=0,
    )


def _ops(log: Log, asks: dict[str, Any]) -> Any:
    """An agent whose one tool notes that it ran."""

    @tool(**asks)
    def work(region: str) -> str:
        """Works."""
        log.ran.append("subject")
        return "subject ran"

    given = {} if asks.get("requires_user_input") else {"region": "us"}
    return caller([("work", given)], name="ops", tools=[work])


CONFIRMATION = {"requires_confirmation": True}
INPUT = {"requires_user_input": True, "user_input_schema": FORM}
REVIEW = {"requires_output_review": True}
PAUSES = {"on_error": "pause"}

SUBJECTS: dict[str, Subject] = {
    "confirmation of Step": step(**CONFIRMATION),
    "confirmation of Steps": steps(**CONFIRMATION),
    "confirmation of Loop": loop(**CONFIRMATION),
    "confirmation of Condition": condition(**CONFIRMATION),
    "confirmation of Router": router(**CONFIRMATION),
    "input of Step": step(**INPUT),
    "confirmation and input of Step": step(**CONFIRMATION, **INPUT),
    "review of Step": step(**REVIEW),
    "review of Router": router(**REVIEW),
    "iteration review of Loop": loop(iterations=3, requires_iteration_review=True),
    "route of Router": router(requires_user_input=True),
    "error of Step": step(fails=1, **PAUSES),
    "error of Condition": condition(fails=1, **PAUSES),
    "tool of Agent": agent(**CONFIRMATION),
    "tool of a Team's member": member(**CONFIRMATION),
    "form of an Agent's tool": agent(requires_user_input=True),
}
