"""Pauses and decisions, as rules without I/O: what is asked, who may answer how, and what each answer does."""

from agno_temporal.hitl.decision import Action, Actor, Decision, Refusal, RefusalCode, Resolution, decision_from_json
from agno_temporal.hitl.forgotten import Forgotten, requirement_id
from agno_temporal.hitl.ledger import ALLOWED, Ledger, allowed_actions
from agno_temporal.hitl.outcome import AskAgain, Cancel, Outcome, Proceed, Redo, Skip, TakeElse, outcome_of
from agno_temporal.hitl.readable import unreadable
from agno_temporal.hitl.requirement import Kind, PausedExecutor, Policy, Requirement
from agno_temporal.hitl.rules import Rules
from agno_temporal.hitl.timer import timer_decision
from agno_temporal.hitl.tools import Choice, Option, ToolAnswer, ToolKind, ToolQuestion
from agno_temporal.hitl.user_input import FieldError, complete_input, input_errors

__all__ = [
    "ALLOWED",
    "Action",
    "Actor",
    "AskAgain",
    "Cancel",
    "Choice",
    "Decision",
    "FieldError",
    "Forgotten",
    "Kind",
    "Ledger",
    "Option",
    "Outcome",
    "PausedExecutor",
    "Policy",
    "Proceed",
    "Redo",
    "Refusal",
    "RefusalCode",
    "Requirement",
    "Resolution",
    "Rules",
    "Skip",
    "TakeElse",
    "ToolAnswer",
    "ToolKind",
    "ToolQuestion",
    "allowed_actions",
    "complete_input",
    "decision_from_json",
    "input_errors",
    "outcome_of",
    "requirement_id",
    "timer_decision",
    "unreadable",
]
