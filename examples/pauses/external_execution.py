"""External execution: the agent decides what is to be done, and somebody else does it and brings the result.

The parcel is weighed on a scale that no program reaches. The workflow waits, however long that takes.
"""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.tools import tool
from agno.workflow import Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or
from examples.scripted_tools import tool_worker


@tool(external_execution=True)
def weigh(parcel: str) -> str:
    """Weighs a parcel, in kilograms."""
    raise AssertionError("Nobody calls this: the result comes from outside.")


def label(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Label: {step_input.input}, {step_input.previous_step_content} kg")


dispatcher = tool_worker(
    "dispatcher", "Have the parcel weighed.", tools=[weigh], calls=[("weigh", {"parcel": "parcel 12"})]
)

workflow = Workflow(
    name="shipping",
    telemetry=False,
    steps=[Step(name="weigh", agent=dispatcher), Step(name="label", executor=label)],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and bring the results that `ask` answers."""
    run = durable.run("parcel 12")
    while run.is_paused:
        for requirement in run.steps_requiring_executor_resolution:
            for one in requirement.executor_requirements or []:
                call = one.tool_execution
                one.set_external_execution_result(ask(f"{call.tool_name} {call.tool_args}: "))
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("2.4"))


if __name__ == "__main__":
    main()
