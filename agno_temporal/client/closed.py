"""Decisions that are judged here, by what a run has told or left.

A run that has ended cannot judge one any more, but what it left says who decided what. So the same rules
(`hitl.Ledger`) are applied here to what was recorded: whoever sends the winning decision again gets its record, and
everybody else is told who won. And whoever sends several at once is not to have the first taken and the second refused
for what could be seen before: so all are judged here, one behind the other, before the first one is sent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from agno_temporal.contract.manifest import Manifest
from agno_temporal.follow.errors import DecisionRefused
from agno_temporal.hitl import (
    Actor,
    Decision,
    Forgotten,
    Ledger,
    Refusal,
    RefusalCode,
    Resolution,
    decision_from_json,
    unreadable,
)
from agno_temporal.plan.data import to_json


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


def refuse_any(manifest: Manifest, decisions: Iterable[Decision]) -> None:
    """Refuse decisions of which the run, as it stood a moment ago, would not take each; their deadlines aside.

    Raises:
        DecisionRefused: Says why, and who decided instead.
    """
    ledger = _ledger(manifest)
    for decision in decisions:
        refuse_unfit(decision)
        verdict = ledger.has_no_room(decision) or ledger.judge(decision, -math.inf)
        if isinstance(verdict, Refusal):
            raise DecisionRefused(verdict)
        ledger.record(verdict)


def refuse_unfit(decision: Decision) -> None:
    """
    Raises:
        DecisionRefused: No run would take it.
    """
    verdict = decision_from_json(to_json(decision))
    refusal = unreadable(verdict) if isinstance(verdict, Decision) else verdict
    if refusal is not None:
        raise DecisionRefused(refusal)


def _ledger(manifest: Manifest) -> Ledger:
    ledger = Ledger(Forgotten(manifest.run_id, manifest.forgotten or {}))
    for asked in manifest.asked:
        ledger.open(asked.requirement)
        if asked.resolution is not None:
            ledger.record(asked.resolution)
    return ledger
