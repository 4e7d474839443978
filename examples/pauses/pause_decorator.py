"""``@pause``: the function itself says what is asked before it runs, wherever it is used as a step."""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Step, StepInput, StepOutput, Workflow
from agno.workflow.decorators import pause
from agno.workflow.types import UserInputField

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or, yes


@pause(
    requires_user_input=True,
    user_input_message="How much do we refund?",
    user_input_schema=[UserInputField(name="percent", field_type="int", description="Percent of the price")],
)
def calculate(step_input: StepInput) -> StepOutput:
    percent = (step_input.additional_data or {})["user_input"]["percent"]
    return StepOutput(content=f"{60 * percent / 100:.2f} of 60.00 for {step_input.input}")


@pause(requires_confirmation=True, confirmation_message="Money leaves the account now. Pay?")
def pay(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Paid back: {step_input.previous_step_content}")


workflow = Workflow(
    name="refund",
    telemetry=False,
    steps=[Step(name="calculate", executor=calculate), Step(name="pay", executor=pay)],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and do what `ask` answers."""
    run = durable.run("order 7")
    while run.is_paused:
        for requirement in run.steps_requiring_user_input:
            requirement.set_user_input(percent=int(ask(f"{requirement.user_input_message} (percent) ")))
        for requirement in run.steps_requiring_confirmation:
            if yes(ask(f"{requirement.confirmation_message} (y/n) ")):
                requirement.confirm()
            else:
                requirement.reject()
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("50", "y"))


if __name__ == "__main__":
    main()
