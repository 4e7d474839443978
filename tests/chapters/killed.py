"""What the worker processes run that are killed around a change of histories."""

from __future__ import annotations

from agno_temporal import AgnoPlugin
from tests.chapters.scenes import numbers


def looped(queue: str) -> AgnoPlugin:
    return AgnoPlugin([numbers(40)], continue_after=8)
