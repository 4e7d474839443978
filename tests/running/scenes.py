"""One gate in every place of a workflow, and a list of what ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import HumanReview

FORM = [
    {"name": "region", "field_type": "str", "value": "eu", "required": True},
    {"name": "copies", "field_type": "int", "required": False},
]

GATES: dict[str, dict[str, Any]] = {
    "confirmation": {"requires_confirmation": True},
    "input": {"requires_user_input": True, "user_input_schema": FORM},
    "confirmation with input": {
        "requires_confirmation": True,
        "requires_user_input": True,
        "user_input_schema": FORM,
    },
    "review": {"requires_output_review": True},
}


def nested(name: str, *steps: Any) -> Step:
    """A workflow as a step."""
    return Step(name=name, workflow=Workflow(name=f"{name}-workflow", steps=list(steps)))


PLACES: dict[str, Callable[[Step], Any]] = {
    "top level": lambda gate: gate,
    "Steps": lambda gate: Steps(name="box", steps=[gate]),
    "Loop": lambda gate: Loop(name="box", steps=[gate], max_iterations=1),
    "Condition": lambda gate: Condition(name="box", evaluator=True, steps=[gate]),
    "else branch": lambda gate: Condition(
        name="box", evaluator=False, steps=[Step(name="never", executor=lambda _: "never")], else_steps=[gate]
    ),
    "Router": lambda gate: Router(name="box", selector=lambda _: gate.name, choices=[gate]),
    "Parallel": lambda gate: Parallel(Step(name="beside", executor=lambda _: "beside ran"), gate, name="box"),
    "nested workflow": lambda gate: nested("box", gate),
    "Loop in nested workflow": lambda gate: nested("box", Loop(name="rounds", steps=[gate], max_iterations=1)),
    "nested workflow in Parallel": lambda gate: Parallel(nested("left", gate), name="box"),
}

everywhere = pytest.mark.parametrize(
    "place",
    [pytest.param(place, marks=() if place in ("top level", "Parallel") else pytest.mark.sweep) for place in PLACES],
)
"""In every place; in those that are marked only in the sweep."""


@dataclass
class Scene:
    """A workflow `before, <gate>, after`, and the names of the steps that ran, with what the gate was filled in."""

    workflow: Workflow
    ran: list[str] = field(default_factory=list)
    filled_in: list[Any] = field(default_factory=list)


def scene(place: str = "top level", name: str = "scene", **review: Any) -> Scene:
    """One gate, in a place of `PLACES`."""
    ran: list[str] = []
    filled_in: list[Any] = []

    def before(step_input: Any) -> str:
        ran.append("before")
        return "before ran"

    def work(step_input: Any) -> str:
        ran.append("gate")
        filled_in.append((step_input.additional_data or {}).get("user_input"))
        return f"gate ran {ran.count('gate')}"

    def after(step_input: Any) -> str:
        ran.append("after")
        return f"after [{step_input.get_last_step_content()}]"

    gate = Step(name="gate", executor=work, human_review=HumanReview(**review))
    steps = [Step(name="before", executor=before), PLACES[place](gate), Step(name="after", executor=after)]
    return Scene(Workflow(name=name, steps=steps), ran, filled_in)
