"""A step that asks for input, at the top of a workflow: the form, the values, and where they go."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from agno.workflow import HumanReview, Step
from agno.workflow.decorators import pause
from agno.workflow.types import StepInput, UserInputField

from tests.differential.answers import confirm, fill_in, in_turn
from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle

FORM = [
    {"name": "threshold", "field_type": "float", "description": "How sure?", "required": True},
    {"name": "mode", "field_type": "str", "allowed_values": ["fast", "slow"]},
    {"name": "note", "field_type": "str", "required": False},
]

FORMS: dict[str, tuple[Any, dict[str, Any]]] = {
    "all fields": (FORM, {"threshold": 0.8, "mode": "fast", "note": "hurry"}),
    "without the optional one": (FORM, {"threshold": 0.8, "mode": "slow"}),
    "no form": (None, {"a": "x", "b": 1}),
    "fields as objects": ([UserInputField(name="n", field_type="int", description="How many?")], {"n": 3}),
    "a bool and a list": (
        [{"name": "sure", "field_type": "bool"}, {"name": "tags", "field_type": "list"}],
        {"sure": False, "tags": ["b", "a"]},
    ),
    "a dict": ([{"name": "options", "field_type": "dict"}], {"options": {"z": 1, "a": None}}),
    "types that agno does not know": (
        [{"name": "day", "field_type": "date"}, {"name": "size", "field_type": "number", "allowed_values": [1, 2]}],
        {"day": "2026-10-01", "size": 2},
    ),
    "an int for a float": ([{"name": "x", "field_type": "float"}], {"x": 1}),
}


def asks(schema: Any, **options: Any) -> HumanReview:
    """agno writes what was filled in into the form's own fields (docs/differences.md, D11)."""
    return HumanReview(requires_user_input=True, user_input_schema=deepcopy(schema), **options)


@pytest.mark.parametrize(("schema", "values"), FORMS.values(), ids=FORMS)
async def test_a_function_is_given_the_values(oracle_with_db: Oracle, schema: Any, values: dict[str, Any]) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), tells("subject", human_review=asks(schema))), "go", fill_in(**values)
    )


@pytest.mark.parametrize("name", ["all fields", "no form"])
async def test_an_agent_is_told_the_values(oracle_with_db: Oracle, name: str) -> None:
    schema, values = FORMS[name]
    seen = await oracle_with_db.agrees(
        lambda: flow(Step(name="s", agent=agent(), human_review=asks(schema))), "go", fill_in(**values)
    )
    listed = "\n".join(f"- {key}: {value}" for key, value in values.items())
    assert seen.stops[-1]["step_executor_runs"][""][0]["input"]["input_content"] == f"go\n\nUser preferences:\n{listed}"


async def test_a_message(oracle_with_db: Oracle) -> None:
    review = asks(FORM, user_input_message="Please fill in.")
    await oracle_with_db.agrees(
        lambda: flow(tells("subject", human_review=review)), "go", fill_in(threshold=1.0, mode="fast")
    )


async def test_the_values_are_the_steps_own(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(tells("subject", human_review=asks(FORM)), tells("next"), agent("Ann")),
        "go",
        fill_in(threshold=1.0, mode="fast"),
    )


async def test_two_forms(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(tells("one", human_review=asks(FORM)), tells("two", human_review=asks(None))),
        "go",
        fill_in(threshold=1.0, mode="fast"),
        fill_in(any="thing"),
    )


async def test_a_decorated_function(oracle_with_db: Oracle) -> None:
    @pause(
        requires_user_input=True, user_input_message="How many?", user_input_schema=[{"name": "n", "field_type": "int"}]
    )
    def subject(step_input: StepInput) -> str:
        return f"{step_input.additional_data}"

    await oracle_with_db.agrees(lambda: flow(Step(name="subject", executor=subject), tells()), "go", fill_in(n=3))


def both(on_reject: str = "skip", **options: Any) -> HumanReview:
    return asks(FORM, requires_confirmation=True, on_reject=on_reject, **options)


async def test_confirmed_and_filled_in(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(
            says("first"),
            tells("subject", human_review=both(confirmation_message="Run?", user_input_message="How?")),
            tells("last"),
        ),
        "go",
        in_turn(confirm, fill_in(threshold=0.5, mode="slow")),
    )
