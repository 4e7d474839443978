"""A run that tells when its step ended: what the step returns is that moment, and stands in its event.

The moment is of a clock that all processes of the machine share (Linux's `CLOCK_MONOTONIC`).
"""

from __future__ import annotations

import time

from agno.workflow import Workflow
from agno.workflow.types import HumanReview, StepInput

from benchmarks.harness.steps import step


def told() -> Workflow:
    """A gate, a step that notes when it ends, and one behind it: the events of a run's end come with the whole run."""
    gate = HumanReview(requires_confirmation=True)
    return Workflow(name="told", steps=[step("work", ended, human_review=gate), step("more", lambda _: "more")])


def ended(_: StepInput) -> str:
    return str(time.monotonic())
