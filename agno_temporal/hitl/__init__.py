"""Pauses and decisions, as rules without I/O: what is asked, who may answer how, and what each answer does."""

from agno_temporal.hitl.decision import Action, Actor, Decision, Refusal, RefusalCode, Resolution, decision_from_json
from agno_temporal.hitl.ledger import ALLOWED, Ledger
from agno_temporal.hitl.outcome import AskAgain, Cancel, Outcome, Proceed, Redo, Skip, TakeElse, outcome_of
from agno_temporal.hitl.requirement import Kind, Policy, Requirement
from agno_temporal.hitl.timer import timer_decision
from agno_temporal.hitl.user_input import FieldError, complete_input, input_errors

__all__ = [
    "ALLOWED",
    "Action",
    "Actor",
    "AskAgain",
    "Cancel",
    "Decision",
    "FieldError",
    "Kind",
    "Ledger",
    "Outcome",
    "Policy",
    "Proceed",
    "Redo",
    "Refusal",
    "RefusalCode",
    "Requirement",
    "Resolution",
    "Skip",
    "TakeElse",
    "complete_input",
    "decision_from_json",
    "input_errors",
    "outcome_of",
    "timer_decision",
]
