"""`DurableWorkflow`, and the copy of it that agno's AgentOS works on."""

from __future__ import annotations

from agno_temporal.durable.workflow import DurableWorkflow

__all__ = ["DurableWorkflow"]
