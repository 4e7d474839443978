"""Loop review: a translation is polished in passes, and a person says after each one whether another is needed.

Accepted, the loop ends with that pass; sent back, the next pass is told why. The last pass is not asked about: none
could follow.
"""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, Loop, OnReject, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.content_pipeline import worker
from examples.pauses.answering import Ask, person_or, yes


def print_manual(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Printed: {step_input.previous_step_content}")


workflow = Workflow(
    name="translation",
    telemetry=False,
    steps=[
        Loop(
            name="passes",
            max_iterations=4,
            steps=[Step(name="translate", agent=worker("Translation", "Translate, and heed the reader's remark."))],
            human_review=HumanReview(
                requires_iteration_review=True,
                iteration_review_message="Is this pass good enough?",
                on_reject=OnReject.retry,
            ),
        ),
        Step(name="print", executor=print_manual),
    ],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and go on with the passes as long as `ask` wants."""
    run = durable.run("the manual")
    while run.is_paused:
        for requirement in run.steps_requiring_output_review:
            print(requirement.step_output and requirement.step_output.content)
            if yes(ask(f"{requirement.output_review_message} (y/n) ")):
                requirement.confirm()
            else:
                requirement.reject(feedback=ask("What should the next pass do? ") or None)
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("n", "shorter sentences", "y"))


if __name__ == "__main__":
    main()
