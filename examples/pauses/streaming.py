"""Streaming: a price list is checked, approved and put online while one watches, event by event.

A stream ends where the run ends or waits. It carries what happens and not the run: that is read from the database, with
everything that it asks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from agno.db.base import BaseDb
from agno.db.sqlite import SqliteDb
from agno.run.workflow import (
    StepCompletedEvent,
    StepPausedEvent,
    StepStartedEvent,
    WorkflowRunOutput,
    WorkflowRunOutputEvent,
)
from agno.workflow import HumanReview, OnReject, Step, StepInput, StepOutput, Workflow

from agno_temporal import DurableWorkflow, embedded
from examples.pauses.answering import Ask, person_or, yes


def check(step_input: StepInput) -> StepOutput:
    return StepOutput(content="212 prices, 3 changed")


def publish(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"Online: {step_input.previous_step_content}")


def price_list(db: BaseDb) -> Workflow:
    return Workflow(
        name="price_list",
        db=db,
        telemetry=False,
        steps=[
            Step(name="check", executor=check),
            Step(
                name="publish",
                executor=publish,
                human_review=HumanReview(
                    requires_confirmation=True,
                    confirmation_message="Put the prices online?",
                    on_reject=OnReject.cancel,
                ),
            ),
        ],
    )


def watch(events: Iterable[WorkflowRunOutputEvent]) -> None:
    """Print what happens, until the run ends or waits."""
    for event in events:
        match event:
            case StepStartedEvent():
                print(f"  {event.step_name} begins")
            case StepCompletedEvent():
                print(f"  {event.step_name}: {event.content}")
            case StepPausedEvent():
                print(f"  {event.step_name} waits")


def stored(durable: DurableWorkflow) -> WorkflowRunOutput:
    """The run that was watched last."""
    session = durable.get_session()
    assert session
    assert session.runs
    return session.runs[-1]


def play(durable: DurableWorkflow, ask: Ask) -> WorkflowRunOutput:
    """Run it, watch, and do what `ask` answers."""
    watch(durable.run("spring", stream=True, stream_events=True))
    run = stored(durable)
    while run.is_paused:
        for requirement in run.steps_requiring_confirmation:
            if yes(ask(f"{requirement.confirmation_message} (y/n) ")):
                requirement.confirm()
            else:
                requirement.reject()
        watch(durable.continue_run(run, stream=True, stream_events=True))
        run = stored(durable)
    print(run.content)
    return run


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, embedded() as runtime:
        db = SqliteDb(db_file=str(Path(folder) / "runs.db"))
        play(runtime.durable(price_list(db)), person_or("y"))


if __name__ == "__main__":
    main()
