"""Steps that are functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agno.workflow import Step
from agno.workflow.types import StepInput


def step(name: str, work: Callable[[StepInput], str], **settings: Any) -> Step:
    """A step that is this function. agno takes what it returns for the content; its types ask for a `StepOutput`."""
    executor: Any = work
    return Step(name=name, executor=executor, **settings)
