"""Output review: an editor sends a newsletter back with a remark until it may go out, or mends it by hand.

The writer is told the remark and what it had written; what came before the draft is not done again.
"""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, OnReject, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.content_pipeline import worker
from examples.pauses.answering import Ask, person_or


def send(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Sent: {step_input.previous_step_content}")


workflow = Workflow(
    name="newsletter",
    telemetry=False,
    steps=[
        Step(name="collect", agent=worker("News", "List what happened in the project this month.")),
        Step(
            name="write",
            agent=worker("Letter", "Write a newsletter from the list."),
            human_review=HumanReview(
                requires_output_review=True,
                output_review_message="Does this letter go out?",
                on_reject=OnReject.retry,
                max_retries=3,
            ),
        ),
        Step(name="send", executor=send),
    ],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and review each draft as `ask` answers."""
    run = durable.run("October")
    while run.is_paused:
        for requirement in run.steps_requiring_output_review:
            print(requirement.step_output and requirement.step_output.content)
            match ask(f"{requirement.output_review_message} (yes/no/edit) "):
                case "yes":
                    requirement.confirm()
                case "edit":
                    requirement.edit(ask("The letter as it should be: "))
                case _:
                    remark = ask("What is wrong with it? (optional) ")
                    requirement.reject(feedback=remark or None)
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("no", "name the contributors", "yes"))


if __name__ == "__main__":
    main()
