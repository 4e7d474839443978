"""What happens when AgentOS takes a durable workflow: its event stream and its approvals learn of it.

Both are AgentOS' own doors to runs, and know of none that is not in its process or its tables. Its stream would number
the events that pass through one process anew, and what resolves an approval would stamp a row while the run waits on.
"""

from __future__ import annotations

from typing import Any

from agno_temporal.agentos.approvals import resolve_through
from agno_temporal.agentos.doors import watch_sockets
from agno_temporal.agentos.event_stream import install
from agno_temporal.client import RunClient


def take(workflow_id: str, db: Any, runs: RunClient) -> None:
    """Let AgentOS' event stream, and the approvals of this database, reach the workflow's runs."""
    watch_sockets()
    install(runs)
    resolve_through(db, {workflow_id: runs})
