"""Whether a run is the newest of its session.

A session has the state that its last run has left. A run that is written again later, because it was reset or its rows
were lost, would put the state back to what it was before all the runs that came after it, and nothing would tell.
"""

from __future__ import annotations

from agno.workflow import Workflow

from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.store import read_session
from agno_temporal.contract.manifest import Manifest


async def is_newest(workflow: Workflow, manifest: Manifest, in_thread: RunInThread) -> bool:
    """As the database has them. Of two runs of one second either is."""
    session = await read_session(workflow, manifest.session_id, manifest.user_id, in_thread)
    others = [one for one in session.runs or () if one.run_id != manifest.run_id]
    return all((one.created_at or 0) <= manifest.created_at for one in others)
