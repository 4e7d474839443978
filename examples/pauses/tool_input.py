"""Tool input: an agent books a room, and a person fills in the arguments that it must not guess."""

from __future__ import annotations

from agno.run.workflow import WorkflowRunOutput
from agno.tools import tool
from agno.workflow import Step, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or
from examples.scripted_tools import tool_worker


@tool(requires_user_input=True, user_input_fields=["cost_centre", "seats"])
def book(room: str, cost_centre: str, seats: int) -> str:
    """Books a room.

    Args:
        room: Which one.
        cost_centre: Who pays.
        seats: How many chairs are put up.
    """
    return f"Booked: {room} with {seats} seats, paid by {cost_centre}"


clerk = tool_worker("clerk", "Book the room.", tools=[book], calls=[("book", {"room": "the attic"})])

workflow = Workflow(name="meeting_room", telemetry=False, steps=[Step(name="book", agent=clerk)])


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, and give the tool the arguments that `ask` answers; those that the model gave stand."""
    run = durable.run("a room for Tuesday")
    while run.is_paused:
        for requirement in run.steps_requiring_executor_resolution:
            for one in requirement.executor_requirements or []:
                missing = [field for field in one.user_input_schema or [] if field.value is None]
                typed = {field.name: ask(f"{field.name}: ") for field in missing}
                one.provide_user_input({**typed, "seats": int(typed["seats"])})
        run = durable.continue_run(run)
    print(run.content)
    return run


def main() -> None:
    with embedded() as runtime:
        play(runtime.durable(workflow), person_or("C-40", "12"))


if __name__ == "__main__":
    main()
