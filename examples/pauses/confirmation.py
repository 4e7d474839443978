"""Confirmation: a mailing list is only cleaned up if somebody says so; refused, the list stays as it is."""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, OnReject, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or, yes

ADDRESSES = {"ana@example.org": 12, "ben@example.org": 700, "eve@example.org": 950}
"""When each reader last opened a letter, in days."""


def find(step_input: StepInput) -> StepOutput:
    """Who has opened nothing for two years."""
    return StepOutput(content=[address for address, days in ADDRESSES.items() if days > 600])


def remove(step_input: StepInput) -> StepOutput:
    idle = step_input.get_step_content("find")
    return StepOutput(content=f"removed {', '.join(idle)}")


def report(step_input: StepInput) -> StepOutput:
    removed = step_input.get_step_content("remove")
    return StepOutput(content=f"Mailing list: {removed or 'nobody removed'}.")


workflow = Workflow(
    name="mailing_list",
    telemetry=False,
    steps=[
        Step(name="find", executor=find),
        Step(
            name="remove",
            executor=remove,
            human_review=HumanReview(
                requires_confirmation=True,
                confirmation_message="These readers will hear from us no more. Remove them?",
                on_reject=OnReject.skip,
            ),
        ),
        Step(name="report", executor=report),
    ],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and do what `ask` answers."""
    run = durable.run("the monthly letter")
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
        play(runtime.durable(workflow), person_or("y"))


if __name__ == "__main__":
    main()
