"""A decision that meets a closed run, or one that its caller has already seen decided.

The run cannot judge it any more, but what it left says who decided what. So the same rules (`hitl.Ledger`) are applied
here to what was recorded: whoever sends the winning decision again gets its record, and everybody else is told who won.
"""

from __future__ import annotations

import math

from agno_temporal.contract.manifest import Manifest
from agno_temporal.follow.errors import DecisionRefused
from agno_temporal.hitl import Actor, Decision, Forgotten, Ledger, Refusal, RefusalCode, Resolution


def answer_of_closed(manifest: Manifest, decision: Decision) -> Resolution:
    """What was recorded of this very decision, in a run that has ended.

    Raises:
        DecisionRefused: Another one was, or the run ended without any.
    """
    ledger = _ledger(manifest)
    winner = ledger.resolution(decision.requirement_id)
    if winner is None or winner.decision.decided_by == Actor.CANCEL:
        text = f"Run {manifest.run_id!r} has ended as {manifest.status}."
        raise DecisionRefused(Refusal(RefusalCode.RUN_CLOSED, text, winner, run_status=manifest.status))
    verdict = ledger.judge(decision, winner.at)
    if isinstance(verdict, Refusal):
        raise DecisionRefused(verdict)
    return verdict


def refuse_closed(manifest: Manifest, decision: Decision) -> None:
    """Refuse a decision that the run, as it stood a moment ago, would not take; its deadline aside.

    Raises:
        DecisionRefused: Says why, and who decided instead.
    """
    verdict = _ledger(manifest).judge(decision, -math.inf)
    if isinstance(verdict, Refusal):
        raise DecisionRefused(verdict)


def _ledger(manifest: Manifest) -> Ledger:
    ledger = Ledger(Forgotten(manifest.run_id, manifest.forgotten or {}))
    for asked in manifest.asked:
        ledger.open(asked.requirement)
        if asked.resolution is not None:
            ledger.record(asked.resolution)
    return ledger
