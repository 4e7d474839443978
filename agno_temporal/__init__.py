"""Runs unchanged agno workflows durably on Temporal.

Names are loaded when they are first asked for: workflow code imports this package, and must not load agno with it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agno_temporal.agno_bridge.refusals import PlanError as PlanError
    from agno_temporal.agno_bridge.request import InvalidInput as InvalidInput
    from agno_temporal.agno_bridge.values import NotSerialisable as NotSerialisable
    from agno_temporal.client import DecisionRefused as DecisionRefused
    from agno_temporal.client import RunClient as RunClient
    from agno_temporal.client import RunError as RunError
    from agno_temporal.connect.settings import CannotConnect as CannotConnect
    from agno_temporal.durable import DurableWorkflow as DurableWorkflow
    from agno_temporal.plan import StepOptions as StepOptions
    from agno_temporal.plugin import AgnoPlugin as AgnoPlugin
    from agno_temporal.runtime import embedded as embedded
    from agno_temporal.webhooks import Webhook as Webhook
    from agno_temporal.webhooks import Webhooks as Webhooks

_WHERE = {
    "AgnoPlugin": "plugin",
    "CannotConnect": "connect.settings",
    "DecisionRefused": "client",
    "DurableWorkflow": "durable",
    "InvalidInput": "agno_bridge.request",
    "NotSerialisable": "agno_bridge.values",
    "PlanError": "agno_bridge.refusals",
    "RunClient": "client",
    "RunError": "client",
    "StepOptions": "plan",
    "Webhook": "webhooks",
    "Webhooks": "webhooks",
    "embedded": "runtime",
}

__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
