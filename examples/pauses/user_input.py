"""User input: a person says how firmly an unpaid invoice is reminded of. What is left out, the step decides."""

from __future__ import annotations

from typing import Any

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, Step, StepInput, StepOutput, Workflow
from agno.workflow.types import UserInputField

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or, yes

READ = {"str": str, "int": int, "float": float, "bool": yes}
"""How what was typed becomes a value of each type."""


def look_up(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"{step_input.input}: 480.00, due for 19 days")


def remind(step_input: StepInput) -> StepOutput:
    given = (step_input.additional_data or {})["user_input"]
    fee = given.get("fee", 0.0)
    return StepOutput(content=f"{given['tone'].capitalize()} reminder, {given['days']} days to pay, fee {fee:.2f}")


workflow = Workflow(
    name="reminder",
    telemetry=False,
    steps=[
        Step(name="look_up", executor=look_up),
        Step(
            name="remind",
            executor=remind,
            human_review=HumanReview(
                requires_user_input=True,
                user_input_message="How should the customer be reminded?",
                user_input_schema=[
                    {"name": "tone", "field_type": "str", "allowed_values": ["friendly", "firm"], "required": True},
                    {"name": "days", "field_type": "int", "description": "Days to pay", "required": True},
                    {"name": "fee", "field_type": "float", "description": "Reminder fee", "required": False},
                ],
            ),
        ),
    ],
)


def fill_in(fields: list[UserInputField], ask: Ask) -> dict[str, Any]:
    """Ask for each field. Nothing typed leaves it out."""
    values: dict[str, Any] = {}
    for field in fields:
        typed = ask(f"{field.description or field.name} ({'required' if field.required else 'optional'}): ")
        if typed:
            values[field.name] = READ[field.field_type](typed)
    return values


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and fill in what `ask` answers, as often as it takes: agno's object keeps what it refused, so that a new
    one is filled in then."""
    run = durable.run("invoice 2041")
    while run.is_paused:
        try:
            for requirement in run.steps_requiring_user_input:
                print(requirement.user_input_message)
                requirement.set_user_input(**fill_in(requirement.user_input_schema or [], ask))
            run = durable.continue_run(run)
        except ValueError as wrong:
            print(f"That does not do: {wrong}")
            run = durable.get_run_output(run.run_id or "")
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("firm", "10", ""))


if __name__ == "__main__":
    main()
