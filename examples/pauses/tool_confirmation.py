"""Tool confirmation: an agent on call may look at everything, and restarts a service only if somebody lets it.

A refused call ends no step: the model is told why, and goes on.
"""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.tools import tool
from agno.workflow import Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or, yes
from examples.scripted_tools import tool_worker


@tool
def read_metrics(service: str) -> str:
    """Reads a service's metrics."""
    return f"{service} answers in 9 s"


@tool(requires_confirmation=True)
def restart(service: str) -> str:
    """Restarts a service."""
    return f"{service} is restarted"


def write_log(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Log: {step_input.previous_step_content}")


operator = tool_worker(
    "operator",
    "Find out what is wrong with the service, and mend it.",
    tools=[read_metrics, restart],
    calls=[("read_metrics", {"service": "checkout"}), ("restart", {"service": "checkout"})],
)

workflow = Workflow(
    name="on_call",
    telemetry=False,
    steps=[Step(name="mend", agent=operator), Step(name="log", executor=write_log)],
)


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and let the tools run that `ask` allows."""
    run = durable.run("checkout is slow")
    while run.is_paused:
        for requirement in run.steps_requiring_executor_resolution:
            for one in requirement.executor_requirements or []:
                call = one.tool_execution
                if yes(ask(f"May {requirement.executor_name} call {call.tool_name}? (y/n) ")):
                    one.confirm()
                else:
                    one.reject(note=ask("Why not? ") or None)
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("y"))


if __name__ == "__main__":
    main()
