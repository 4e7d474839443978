"""What soaks: a step, a gate that stays open for as long as nobody decides, and a step behind it."""

from __future__ import annotations

import os
from pathlib import Path

from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.types import StepInput
from temporalio.worker import WorkerConfig

from agno_temporal import AgnoPlugin

DAYS_90 = 90 * 24 * 3600

JOURNAL = "SOAK_JOURNAL"
"""The variable that names the file of what ran."""


def note(step_input: StepInput) -> str:
    """One line for each time, whole even where several processes write."""
    descriptor = os.open(Path(os.environ[JOURNAL]), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, f"{step_input.input}\n".encode())
    finally:
        os.close(descriptor)
    return "noted"


def before(step_input: StepInput) -> str:
    return f"ready: {step_input.input}"


def workflow() -> Workflow:
    review = HumanReview(requires_confirmation=True, timeout=DAYS_90, on_timeout="cancel")
    return Workflow(
        name="soaked",
        steps=[Step(name="before", executor=before), Step(name="gate", executor=note, human_review=review)],
    )


class KeepingFew(AgnoPlugin):
    """A worker that keeps fewer runs than are open, from the start: what it grows by is not what it keeps."""

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        return super().configure_worker({**config, "max_cached_workflows": 50})


def plugin(queue: str) -> AgnoPlugin:
    return KeepingFew([workflow()])
