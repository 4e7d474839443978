"""Timeout: nobody has to answer. A real timer does what was agreed on, while no caller waits and no program polls.

The summary of an incident is published after two seconds if nobody objects; the credit for its customers is refused
after two more if nobody grants it. ``on_timeout="reject"`` is a word and no member of agno's enum.
"""

from __future__ import annotations

import time

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, OnReject, OnTimeout, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded


def summarize(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Summary of {step_input.input}: 14 minutes of errors, cause found.")


def grant(step_input: StepInput) -> StepOutput:
    return StepOutput(content="Every customer is credited one day.")


def close(step_input: StepInput) -> StepOutput:
    credit = step_input.get_step_content("grant")
    return StepOutput(content=f"{step_input.get_step_content('summarize')} {credit or 'Nobody is credited.'}")


workflow = Workflow(
    name="incident_report",
    telemetry=False,
    steps=[
        Step(
            name="summarize",
            executor=summarize,
            human_review=HumanReview(
                requires_output_review=True,
                output_review_message="Published as it is, unless you object.",
                on_reject=OnReject.retry,
                timeout=2,
                on_timeout=OnTimeout.approve,
            ),
        ),
        Step(
            name="grant",
            executor=grant,
            human_review=HumanReview(
                requires_confirmation=True,
                confirmation_message="Credit the customers?",
                on_reject=OnReject.skip,
                timeout=2,
                on_timeout="reject",
            ),
        ),
        Step(name="close", executor=close),
    ],
)


def play(durable: DurableWorkflow) -> WorkflowRunOutput:
    """Run it, and only look on."""
    run = durable.run("incident 88")
    seen: set[str] = set()
    while run.status in (RunStatus.paused, RunStatus.running):
        for requirement in run.step_requirements or []:
            if not requirement.is_resolved and requirement.step_id not in seen:
                seen.add(requirement.step_id)
                print(f"{requirement.step_name}: {requirement.on_timeout} at {requirement.timeout_at:%H:%M:%S}")
        time.sleep(0.2)
        run = durable.get_run_output(run.run_id or "")
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow))


if __name__ == "__main__":
    main()
