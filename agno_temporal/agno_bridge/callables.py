"""Where agno takes a value, a function or a CEL expression: which of them stands there.

Of a string agno always makes a CEL expression, and one that it cannot evaluate counts as False or as "no route"
(agno/workflow/condition.py:367-377), which nobody sees. So an expression is refused here if the library for it is
missing, or if it does not compile.
"""

from __future__ import annotations

from typing import Any

from agno.workflow import cel

from agno_temporal.agno_bridge.refusals import Report, shown
from agno_temporal.plan import Call


def evaluator_call(value: Any, report: Report) -> Call:
    """What decides a Condition."""
    if isinstance(value, bool):
        return Call.ALWAYS if value else Call.NEVER
    return _function_or_cel("evaluator", value, report)


def optional_call(field: str, value: Any, report: Report) -> Call:
    """What ends a Loop, or picks a Router's steps; agno goes without both."""
    return Call.NONE if value is None else _function_or_cel(field, value, report)


def output_review_call(value: Any, report: Report) -> Call:
    """Whether an output is reviewed. A coroutine function is fine: it is awaited, which agno does not do."""
    if isinstance(value, bool):
        return Call.ALWAYS if value else Call.NONE
    if not callable(value):
        report(f"requires_output_review={shown(value)} is neither True, False nor a function of the output.")
    refuse_placeholder("requires_output_review", value, report)
    return Call.FUNCTION


def refuse_placeholder(field: str, function: Any, report: Report) -> None:
    """Refuses what agno put in the place of a function that it did not find (agno/workflow/step.py:149-191)."""
    code = getattr(function, "__code__", None)
    by_name = getattr(function, "__module__", None) == "agno.workflow.step"
    if hasattr(function, "__agno_unresolved__") or (by_name and getattr(code, "co_name", None) == "_unresolvable"):
        report(
            f"{field} {shown(function)} was not in the registry when this workflow was loaded. "
            "Register it, and load the workflow again."
        )


def _function_or_cel(field: str, value: Any, report: Report) -> Call:
    if isinstance(value, str):
        _check_cel(field, value, report)
        return Call.CEL
    if not callable(value):
        report(f"{field}={shown(value)} is neither a function nor a CEL expression.")
    refuse_placeholder(field, value, report)
    return Call.FUNCTION


def _check_cel(field: str, expression: str, report: Report) -> None:
    if not cel.CEL_AVAILABLE:
        report(
            f"{field}={shown(expression)} is a CEL expression, and cel-python is not installed. "
            "Install agno-temporal[cel]."
        )
    elif not cel.validate_cel_expression(expression):
        report(f"{field}={shown(expression)} is not a valid CEL expression. Mend it, or pass a function.")
