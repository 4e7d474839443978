"""What the database knows of a question, before a decision on it is left for the run.

A decision that is left is judged when a worker comes, and whoever sent it is told nothing then. So what is certain to
be refused is refused at once, where the question's row has all of it. A row may be a moment old: what it does not know
is left to the run, and so is everything else while the database does not answer.

Whether a deadline is over is not for this machine's clock to say: one that is ahead would refuse what is in time. Where
the deadline has passed without a worker, Temporal has written that its timer fired. So the run's newest event tells, by
the clock that alone counts: written at or after the deadline, nothing that comes now can be in time.
"""

from __future__ import annotations

import logging
import math

from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.history import newest_event_time
from agno_temporal.agno_bridge.approvals import all_waiting
from agno_temporal.agno_bridge.run_table import has_run_rows
from agno_temporal.api.service import Service
from agno_temporal.client import DecisionRefused
from agno_temporal.hitl import Decision, Ledger, Refusal, Requirement

logger = logging.getLogger("agno_temporal.api")


async def refuse_foreseen(service: Service, run_id: str, decision: Decision) -> None:
    """
    Raises:
        DecisionRefused: The run is certain to refuse it, or its deadline is over.
    """
    requirement = await _known(service, run_id, decision.requirement_id)
    if requirement is None:
        return
    ledger = Ledger()
    ledger.open(requirement)
    verdict = ledger.judge(decision, math.inf if await _is_over(service, run_id, requirement) else -math.inf)
    if isinstance(verdict, Refusal):
        raise DecisionRefused(verdict)


async def _is_over(service: Service, run_id: str, requirement: Requirement) -> bool:
    """Whether its deadline has certainly passed. The time of an approval by timer began when it was announced, which
    the run alone knows exactly."""
    if requirement.deadline is None or requirement.policy.on_timeout == "approve":
        return False
    try:
        return await newest_event_time(service.runs.client, run_id) >= requirement.deadline
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False


async def _known(service: Service, run_id: str, requirement_id: str) -> Requirement | None:
    if not has_run_rows(service.db):
        return None
    try:
        waiting = await service.reads.in_time(all_waiting(service.db, service.reads, run_id))
    except Exception as error:
        logger.warning("a decision on run %s is left unseen, since the database failed: %s", run_id, error)
        return None
    return next((one.requirement() for one in waiting if one.id == requirement_id), None)
