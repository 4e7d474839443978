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
    from agno_temporal.client import NoWorker as NoWorker
    from agno_temporal.client import OutcomeUnknown as OutcomeUnknown
    from agno_temporal.client import RequestTooLarge as RequestTooLarge
    from agno_temporal.client import RunClient as RunClient
    from agno_temporal.client import RunError as RunError
    from agno_temporal.client import RunIdReused as RunIdReused
    from agno_temporal.client import RunNotFound as RunNotFound
    from agno_temporal.client import RunPutBack as RunPutBack
    from agno_temporal.connect.settings import CannotConnect as CannotConnect
    from agno_temporal.contract.sealed import Unreadable as Unreadable
    from agno_temporal.durable import DurableWorkflow as DurableWorkflow
    from agno_temporal.durable.forgetting import SessionElsewhere as SessionElsewhere
    from agno_temporal.durable.forgetting import SessionHasGrown as SessionHasGrown
    from agno_temporal.durable.forgetting import SessionInUse as SessionInUse
    from agno_temporal.durable.forgetting import SessionNotFound as SessionNotFound
    from agno_temporal.durable.forgetting import SessionShared as SessionShared
    from agno_temporal.hitl import Action as Action
    from agno_temporal.hitl import Decision as Decision
    from agno_temporal.plan import StepOptions as StepOptions
    from agno_temporal.plugin import AgnoPlugin as AgnoPlugin
    from agno_temporal.runtime import embedded as embedded
    from agno_temporal.webhooks import Webhook as Webhook
    from agno_temporal.webhooks import Webhooks as Webhooks

_WHERE = {
    "Action": "hitl",
    "AgnoPlugin": "plugin",
    "CannotConnect": "connect.settings",
    "Decision": "hitl",
    "DecisionRefused": "client",
    "DurableWorkflow": "durable",
    "InvalidInput": "agno_bridge.request",
    "NoWorker": "client",
    "NotSerialisable": "agno_bridge.values",
    "OutcomeUnknown": "client",
    "PlanError": "agno_bridge.refusals",
    "RequestTooLarge": "client",
    "RunClient": "client",
    "RunError": "client",
    "RunIdReused": "client",
    "RunNotFound": "client",
    "RunPutBack": "client",
    "SessionElsewhere": "durable.forgetting",
    "SessionHasGrown": "durable.forgetting",
    "SessionInUse": "durable.forgetting",
    "SessionNotFound": "durable.forgetting",
    "SessionShared": "durable.forgetting",
    "StepOptions": "plan",
    "Unreadable": "contract.sealed",
    "Webhook": "webhooks",
    "Webhooks": "webhooks",
    "embedded": "runtime",
}

__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
