"""What the rules answer to a decision, as a test expects it: taken, or refused, and nothing between."""

from typing import Any

from agno_temporal.hitl import (
    Decision,
    Ledger,
    Refusal,
    RefusalCode,
    Requirement,
    Resolution,
    decision_from_json,
)
from tests.hitl.questions import OPENED

CONFIRM = {"requirement_id": "q1", "action": "confirm"}
"""The shortest decision, as a client sends it."""


def ledger_with(*open_questions: Requirement) -> Ledger:
    ledger = Ledger()
    for requirement in open_questions:
        ledger.open(requirement)
    return ledger


def decide(ledger: Ledger, decision: Decision, now: float = OPENED) -> Resolution:
    """The resolution, recorded."""
    resolution = ledger.judge(decision, now)
    assert isinstance(resolution, Resolution), resolution
    ledger.record(resolution)
    return resolution


def refused(ledger: Ledger, decision: Decision, now: float = OPENED) -> Refusal:
    refusal = ledger.judge(decision, now)
    assert isinstance(refusal, Refusal), refusal
    return refusal


def taken(data: Any) -> Decision:
    decision = decision_from_json(data)
    assert isinstance(decision, Decision), decision
    return decision


def malformed(data: Any) -> Refusal:
    refusal = decision_from_json(data)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.code is RefusalCode.MALFORMED
    return refusal
