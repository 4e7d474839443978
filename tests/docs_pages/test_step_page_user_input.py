"""The page on steps, its blocks on user input."""

from __future__ import annotations

import pytest
from agno.workflow import Workflow
from agno.workflow.step import Step
from agno.workflow.types import HumanReview, StepInput, StepOutput, UserInputField

from tests.docs_pages.conftest import agent


def mix_with_settings(step_input: StepInput) -> StepOutput:
    user_input = step_input.additional_data.get("user_input", {})
    volume = user_input.get("volume", 0.1)
    style = user_input.get("style", "flat")

    return StepOutput(content=f"Mixed at {volume} in {style}, {user_input.get('tracks', 'all')} tracks")


@pytest.mark.parametrize(
    ("answers", "content"),
    [
        (("0.8", "stereo", "12"), "Press (Mixed at 0.8 in stereo, 12 tracks)"),
        (("0.8", "stereo", ""), "Press (Mixed at 0.8 in stereo, all tracks)"),
    ],
    ids=["every field", "an optional field left out"],
)
def test_user_input(runtime, db, typed, capsys, answers, content):
    typed(*answers)
    workflow = Workflow(
        name="mixing_desk",
        db=db,
        steps=[
            Step(name="listen", agent=agent("Listen")),
            Step(
                name="mix",
                executor=mix_with_settings,
                human_review=HumanReview(
                    requires_user_input=True,
                    user_input_message="Set the desk:",
                    user_input_schema=[
                        UserInputField(name="volume", field_type="float", description="From 0.0 to 1.0", required=True),
                        UserInputField(name="style", field_type="str", description="'mono' or 'stereo'", required=True),
                        UserInputField(name="tracks", field_type="int", description="How many", required=False),
                    ],
                ),
            ),
            Step(name="press", agent=agent("Press")),
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("the concert")

    if run_output.is_paused:
        for req in run_output.steps_requiring_user_input:
            print(f"{req.step_name}: {req.user_input_message}")

            values = {}
            for field in req.user_input_schema:
                marker = "*" if field.required else ""
                prompt = f"{field.name}{marker} ({field.field_type}): "
                value = input(prompt)

                if value:
                    if field.field_type == "int":
                        values[field.name] = int(value)
                    elif field.field_type == "float":
                        values[field.name] = float(value)
                    elif field.field_type == "bool":
                        values[field.name] = value.lower() in ("true", "yes", "1")
                    else:
                        values[field.name] = value

            req.set_user_input(**values)

        run_output = workflow.continue_run(run_output)

    print(run_output.content)
    assert capsys.readouterr().out == f"mix: Set the desk:\n{content}\n"


def test_user_input_of_an_agent_is_appended_to_its_message(runtime, db):
    fields = [UserInputField(name="size", field_type="int", allowed_values=[4, 6])]
    workflow = Workflow(
        name="cake",
        db=db,
        steps=[
            Step(
                name="bake",
                agent=agent("Bake"),
                human_review=HumanReview(requires_user_input=True, user_input_schema=fields),
            )
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("a cake")
    [req] = run_output.steps_requiring_user_input
    req.set_user_input(size=6)
    assert workflow.continue_run(run_output).content == "Bake (a cake) with size: 6"


def test_accessing_user_input(runtime, db):
    def plant(step_input: StepInput) -> StepOutput:
        user_input = step_input.additional_data.get("user_input", {})

        depth = user_input.get("depth")
        seed = user_input.get("seed")

        return StepOutput(content=f"{seed} at {depth} cm")

    review = HumanReview(requires_user_input=True, user_input_message="Which seed?")
    workflow = Workflow(name="garden", db=db, steps=[Step(name="plant", executor=plant, human_review=review)])
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("bed 3")
    for req in run_output.steps_requiring_user_input:
        req.set_user_input(depth=2, seed="radish")
    assert workflow.continue_run(run_output).content == "radish at 2 cm"
