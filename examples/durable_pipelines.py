"""agno's own loop over a paused run, unchanged, over durable workflows: ``python -m examples.durable_pipelines``.

The three workflows are those of `content_pipeline`: a gate before a step, a form to fill in, and a draft that is sent
back and then edited. Nothing has to be installed or started: the server and the worker live in this process. The
answers are written down here, so that there is nothing to type; a person's program would ask instead.
"""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.workflow.types import StepRequirement

from agno_temporal import DurableWorkflow, embedded
from examples.content_pipeline import content_review, data_pipeline, parameter_form

FORM = {"threshold": 0.8, "mode": "accurate", "batch_size": 50}


def main() -> None:
    with embedded() as runtime:
        show(drive(runtime.durable(data_pipeline), "the customer table"))
        show(drive(runtime.durable(parameter_form), "the figures of the fourth quarter"))
        show(drive(runtime.durable(content_review), "why bees matter"))


def drive(durable: DurableWorkflow, topic: str) -> WorkflowRunOutput:
    """Run a workflow to its end, answering whatever it asks."""
    print(f"\n{durable.name}: {topic}")
    run = durable.run(topic)
    while run.is_paused:
        for requirement in run.steps_requiring_confirmation:
            print(f"  confirm {requirement.step_name}: {requirement.confirmation_message}")
            requirement.confirm()
        for requirement in run.steps_requiring_user_input:
            print(f"  fill in {requirement.step_name}: {requirement.user_input_message} {FORM}")
            requirement.set_user_input(**FORM)
        for requirement in run.steps_requiring_output_review:
            review(requirement)
        run = durable.continue_run(run)
    return run


def review(requirement: StepRequirement) -> None:
    """Send the first draft back, and put a last touch to the second."""
    draft = requirement.step_output.content if requirement.step_output else None
    print(f"  review {requirement.step_name}: {draft}")
    if requirement.retry_count == 0:
        requirement.reject(feedback="shorter, please")
    else:
        requirement.edit(f"{draft} (checked by the editor)")


def show(run: WorkflowRunOutput) -> None:
    print(f"  {run.status.value}: {run.content}")


if __name__ == "__main__":
    main()
