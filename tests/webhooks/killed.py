"""The plugin of a worker process that is killed: its endpoint stands in the environment."""

from __future__ import annotations

from agno_temporal import AgnoPlugin
from agno_temporal.webhooks import webhooks_from_environment
from tests.webhooks.scenes import gated


def telling(queue: str) -> AgnoPlugin:
    return AgnoPlugin([gated()], webhooks=webhooks_from_environment())
