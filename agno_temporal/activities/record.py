"""What a cancelled run leaves behind.

Temporal closes a cancelled workflow without a result. A memo could hold the run's last state, but memos come back with
every list of runs, and fifty of them would be too large an answer. So the state is recorded as the result of a local
activity: one event in the history, which only those read who ask for this run.
"""

from __future__ import annotations

from typing import Any

from temporalio import activity

from agno_temporal.contract import names


class Record:
    """The activity `agno.record`, always local."""

    @activity.defn(name=names.RECORD)
    async def record(self, manifest: dict[str, Any]) -> dict[str, Any]:
        return manifest
