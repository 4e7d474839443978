"""Nested gates: one step asks twice. Before it begins, whether the customer's request is genuine; and then, at the
tool, whether this very account is the right one.

The gates come one after the other; the last entry of ``step_requirements`` is the one that is open.
"""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.tools import tool
from agno.workflow import HumanReview, OnReject, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or, yes
from examples.scripted_tools import tool_worker


@tool(requires_confirmation=True)
def delete_account(number: int) -> str:
    """Deletes an account and all its data."""
    return f"account {number} is deleted"


def answer_customer(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Dear customer: {step_input.get_step_content('delete') or 'we keep your data'}.")


agent = tool_worker(
    "privacy", "Delete what we keep of the customer.", tools=[delete_account], calls=[("delete_account", {"number": 7})]
)

workflow = Workflow(
    name="data_deletion",
    telemetry=False,
    steps=[
        Step(
            name="delete",
            agent=agent,
            human_review=HumanReview(
                requires_confirmation=True,
                confirmation_message="Is the request genuine?",
                on_reject=OnReject.skip,
            ),
        ),
        Step(name="answer", executor=answer_customer),
    ],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and pass the gates that `ask` opens."""
    run = durable.run("request 3")
    while run.is_paused:
        requirement = (run.step_requirements or [])[-1]
        if requirement.requires_executor_input:
            for one in requirement.executor_requirements or []:
                call = one.tool_execution
                if yes(ask(f"{call.tool_name} {call.tool_args}? (y/n) ")):
                    one.confirm()
                else:
                    one.reject(note="this is another customer's account")
        elif yes(ask(f"{requirement.confirmation_message} (y/n) ")):
            requirement.confirm()
        else:
            requirement.reject()
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("y", "y"))


if __name__ == "__main__":
    main()
