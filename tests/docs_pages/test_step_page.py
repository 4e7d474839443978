"""The page on steps, block by block: confirmation, output review, `@pause`. User input has a file of its own."""

from __future__ import annotations

import pytest
from agno.workflow import OnReject, Workflow
from agno.workflow.decorators import pause
from agno.workflow.step import Step
from agno.workflow.types import HumanReview, StepInput, StepOutput, UserInputField

from tests.docs_pages.conftest import agent

gather_agent, blur_agent, file_agent = agent("Gather"), agent("Blur"), agent("File")


@pytest.mark.parametrize(
    ("answer", "content"),
    [("y", "File (Blur (Gather (street photos)))\n"), ("n", "File (Gather (street photos))\n")],
)
def test_confirmation(runtime, db, typed, capsys, answer, content):
    typed(answer)
    workflow = Workflow(
        name="photo_archive",
        db=db,
        steps=[
            Step(name="gather", agent=gather_agent),
            Step(
                name="blur",
                agent=blur_agent,
                human_review=HumanReview(
                    requires_confirmation=True,
                    confirmation_message="Blur every face?",
                    on_reject=OnReject.skip,
                ),
            ),
            Step(name="file", agent=file_agent),
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("street photos")

    if run_output.is_paused:
        for req in run_output.steps_requiring_confirmation:
            print(f"{req.step_name}: {req.confirmation_message}")

            if input("Do it? (y/n): ").lower() == "y":
                req.confirm()
            else:
                req.reject()

        run_output = workflow.continue_run(run_output)

    print(run_output.content)
    assert capsys.readouterr().out == f"blur: Blur every face?\n{content}"


@pytest.mark.parametrize(
    ("answers", "content"),
    [
        (("y",), "Ship (Sketch (Measure (a chair)))"),
        (("n", "rounder", "y"), "Ship (Sketch (Measure (a chair)), revised: rounder)"),
        (("n", "", "y"), "Ship (Sketch (Measure (a chair)), revised: no reason given)"),
    ],
    ids=["approved", "sent back with feedback", "sent back without"],
)
def test_output_review(runtime, db, typed, capsys, answers, content):
    typed(*answers)
    workflow = Workflow(
        name="workshop",
        db=db,
        steps=[
            Step(name="measure", agent=agent("Measure")),
            Step(
                name="sketch",
                agent=agent("Sketch"),
                human_review=HumanReview(
                    requires_output_review=True,
                    output_review_message="Does the sketch do? No draws another one.",
                    on_reject=OnReject.retry,
                    max_retries=3,
                ),
            ),
            Step(name="ship", agent=agent("Ship")),
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("a chair")

    while run_output.is_paused:
        for req in run_output.steps_requiring_output_review:
            print(f"Sketch: {req.step_output.content}")
            print(f"Question: {req.output_review_message}")

            if input("Yes? (y/n): ").lower() == "y":
                req.confirm()
            else:
                feedback = input("Why not? ").strip()
                if feedback:
                    req.reject(feedback=feedback)
                else:
                    req.reject()

        run_output = workflow.continue_run(run_output)

    print(run_output.content)
    assert capsys.readouterr().out.splitlines()[-1] == content


def test_the_pause_decorator(runtime, db):
    @pause(
        requires_confirmation=True,
        confirmation_message="Open the gate?",
    )
    def open_gate(step_input: StepInput) -> StepOutput:
        return StepOutput(content="The gate is open")

    @pause(
        requires_user_input=True,
        user_input_message="Who comes in?",
        user_input_schema=[
            UserInputField(name="visitor", field_type="str", required=True),
        ],
    )
    def let_in(step_input: StepInput) -> StepOutput:
        visitor = step_input.additional_data["user_input"]["visitor"]
        return StepOutput(content=f"{step_input.previous_step_content}: {visitor} comes in")

    workflow = Workflow(
        name="gatehouse",
        db=db,
        steps=[
            Step(name="open", executor=open_gate),
            Step(name="let_in", executor=let_in),
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("a ring")
    for req in run_output.steps_requiring_confirmation:
        req.confirm()
    run_output = workflow.continue_run(run_output)
    for req in run_output.steps_requiring_user_input:
        req.set_user_input(visitor="Eve")
    assert workflow.continue_run(run_output).content == "The gate is open: Eve comes in"
