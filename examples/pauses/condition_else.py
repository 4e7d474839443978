"""Condition: a person decides which branch runs. No means the other one: the invoice is queried and not paid."""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Condition, HumanReview, OnReject, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or, yes


def read(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"{step_input.input}: 9,800.00, three times the usual")


def pay(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Paid ({step_input.get_step_content('read')})")


def query(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Queried with the supplier ({step_input.get_step_content('read')})")


workflow = Workflow(
    name="supplier_invoice",
    telemetry=False,
    steps=[
        Step(name="read", executor=read),
        Condition(
            name="is_right",
            evaluator=True,
            steps=[Step(name="pay", executor=pay)],
            else_steps=[Step(name="query", executor=query)],
            human_review=HumanReview(
                requires_confirmation=True,
                confirmation_message="Is this invoice right?",
                on_reject=OnReject.else_branch,
            ),
        ),
    ],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and take the branch that `ask` chooses."""
    run = durable.run("invoice 311")
    while run.is_paused:
        for requirement in run.steps_requiring_confirmation:
            print(requirement.step_input and requirement.step_input.previous_step_content)
            if yes(ask(f"{requirement.confirmation_message} (y/n) ")):
                requirement.confirm()
            else:
                requirement.reject()
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("n"))


if __name__ == "__main__":
    main()
