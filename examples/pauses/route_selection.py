"""Route selection: whoever is on duty decides how an incident is handled; several measures may be taken at once."""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, Router, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or


def diagnose(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"{step_input.input}: the queue grows since the release of 14:10")


def roll_back(step_input: StepInput) -> StepOutput:
    return StepOutput(content="the release is rolled back")


def scale_up(step_input: StepInput) -> StepOutput:
    return StepOutput(content="two more workers are running")


def wake_up(step_input: StepInput) -> StepOutput:
    return StepOutput(content="the team's lead is called")


def log(step_input: StepInput) -> StepOutput:
    measures = step_input.previous_step_outputs or {}
    taken = [step.content for step in (measures["measures"].steps or [])]
    return StepOutput(content=f"Handled: {', then '.join(map(str, taken))}.")


workflow = Workflow(
    name="incident",
    telemetry=False,
    steps=[
        Step(name="diagnose", executor=diagnose),
        Router(
            name="measures",
            choices=[
                Step(name="roll_back", executor=roll_back),
                Step(name="scale_up", executor=scale_up),
                Step(name="wake_up", executor=wake_up),
            ],
            human_review=HumanReview(
                requires_user_input=True,
                user_input_message="What is to be done, in which order?",
                allow_multiple_selections=True,
            ),
        ),
        Step(name="log", executor=log),
    ],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and take the measures that `ask` names."""
    run = durable.run("alarm 5")
    while run.is_paused:
        for requirement in run.steps_requiring_route:
            print(requirement.user_input_message)
            chosen = ask(f"Of {', '.join(requirement.available_choices or [])}: ").split()
            requirement.select_multiple(chosen)
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("scale_up roll_back"))


if __name__ == "__main__":
    main()
