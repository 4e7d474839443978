"""How the workflows that are written by hand call their activities: with our timeouts and our retries.

This and every module with `by_hand` in its name import the standard library and temporalio alone, so that the sandbox
loads them as it would load the modules of whoever writes workflows by hand: an agno in there would be our handicap,
laid upon the other side.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

OPTIONS: dict[str, Any] = {
    "start_to_close_timeout": timedelta(hours=24),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=0.1), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=30)
    ),
}
"""For `workflow.execute_activity`."""

LOCAL: dict[str, Any] = {"start_to_close_timeout": timedelta(seconds=10)}
"""For `workflow.execute_local_activity`."""
