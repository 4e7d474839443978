"""What the tasks of a run have in common.

It is written into the history with each of them, so that a byte here is a byte a step. What Temporal tells an activity
anyhow, and what follows from that, is left out and put back there (`activities.whole`).
"""

from __future__ import annotations

import json

from agno_temporal.contract import names
from agno_temporal.contract.outputs import DIGEST_LENGTH
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import OpenedRun, RunFacts
from agno_temporal.plan.data import to_json

REQUEST_INLINE_BYTES = 1024
"""Up to this size the request travels with every task; a larger one is read from the run's first event."""


def facts_of(run_id: str, request: RunRequest, opened: OpenedRun) -> RunFacts:
    """What every task of the run says of it."""
    is_small = len(json.dumps(to_json(request))) <= REQUEST_INLINE_BYTES
    return RunFacts(
        session_id="" if opened.session_id == names.session_id_of(run_id) else opened.session_id,
        plan_digest=opened.plan.digest[:DIGEST_LENGTH] if opened.plan else "",
        user_id=opened.user_id,
        metadata=opened.metadata,
        request=request if is_small else None,
    )
