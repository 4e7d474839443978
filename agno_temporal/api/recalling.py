"""What a run has forgotten, its database still says.

A run that asks thousands of questions goes on with the newest answers only. Of an older question it knows no more than
that it was decided; by whom, and whether it was this very decision that is sent again, stands in the question's row. So
it does of all questions of a run that Temporal keeps no longer.
"""

from __future__ import annotations

import logging

from agno_temporal.agno_bridge.answered import answered
from agno_temporal.agno_bridge.run_table import has_run_rows
from agno_temporal.api.service import Service
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.hitl import Actor, Decision, Forgotten, Ledger, Refusal, RefusalCode, Resolution

logger = logging.getLogger("agno_temporal.api")


async def recalled(
    service: Service, run_id: str, decision: Decision, refusal: Refusal, own: str | None
) -> Resolution | Refusal:
    """What a decision is answered that its run has refused: the same, unless only the database knows who won.

    Args:
        own: The user whose rows alone may be told of; None for all.
    """
    if refusal.winner is not None or refusal.code not in (RefusalCode.ALREADY_DECIDED, RefusalCode.RUN_CLOSED):
        return refusal
    asked = await _read(service, run_id, decision.requirement_id, own)
    if asked is None or asked.resolution is None or asked.resolution.decision.decided_by == Actor.CANCEL:
        return refusal
    ledger = Ledger()
    ledger.open(asked.requirement)
    ledger.record(asked.resolution)
    return ledger.judge(decision, asked.resolution.at)


async def recall(service: Service, manifest: Manifest, requirement_id: str, own: str | None) -> Asked | None:
    """A question that the run has forgotten; None of any other, and where no row of `own` has it."""
    forgotten = Forgotten(manifest.run_id, manifest.forgotten or {})
    if forgotten.path_of(requirement_id) is None:
        return None
    return await _read(service, manifest.run_id, requirement_id, own)


async def _read(service: Service, run_id: str, requirement_id: str, own: str | None) -> Asked | None:
    if not has_run_rows(service.db):
        return None
    try:
        return await service.reads.in_time(answered(service.db, service.reads, run_id, requirement_id, own))
    except Exception as error:
        logger.warning("who decided in run %s long ago is not read, since the database failed: %s", run_id, error)
        return None
