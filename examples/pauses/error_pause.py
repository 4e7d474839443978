"""Error handling: a step that fails waits for a person, who mends what is wrong and tries it again, or leaves it out.

What had been done before the failure is not done again.
"""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, OnError, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or

DISK = {"free": 10}
"""Gigabytes on the machine that the backup is restored to."""


def fetch(step_input: StepInput) -> StepOutput:
    return StepOutput(content="backup of 40 GB")


def restore(step_input: StepInput) -> StepOutput:
    if DISK["free"] < 40:
        raise OSError(f"no space left: 40 GB needed, {DISK['free']} GB free")
    return StepOutput(content="restored")


def report(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"{step_input.input}: {step_input.get_step_content('restore') or 'not restored'}")


workflow = Workflow(
    name="restore_backup",
    telemetry=False,
    steps=[
        Step(name="fetch", executor=fetch),
        Step(name="restore", executor=restore, max_retries=0, human_review=HumanReview(on_error=OnError.pause)),
        Step(name="report", executor=report),
    ],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and do with each failure what `ask` answers."""
    run = durable.run("database")
    while run.is_paused:
        for failure in run.steps_with_errors:
            print(f"{failure.step_name} failed: {failure.error_type}: {failure.error_message}")
            if ask("retry or skip? ") == "retry":
                DISK["free"] = int(ask("How many GB are free now? "))
                failure.retry()
            else:
                failure.skip()
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("retry", "20", "retry", "60"))


if __name__ == "__main__":
    main()
