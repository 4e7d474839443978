"""Single values that agno stores unseen: each is checked, and returned as the plan wants it.

A check reports what is wrong and returns a stand-in, so that the rest of the workflow is looked at as well. No plan is
made of stand-ins, because whatever was reported is raised.
"""

from __future__ import annotations

import enum
import math
from typing import Any

from agno_temporal.agno_bridge.refusals import Report, shown

MIN_SECONDS = 0.001

MAX_SECONDS = 100 * 365 * 24 * 3_600
"""A deadline is a moment, and moments end with the year 9999. A hundred years is more than anybody waits."""


def flag(field: str, value: Any, report: Report) -> bool:
    """True or False. Anything else that is truthy, a function above all, is a mistake that agno takes for True."""
    if not isinstance(value, bool):
        report(f"{field}={shown(value)} is neither True nor False.")
    return value is True


def text(field: str, value: Any, report: Report) -> str | None:
    """A string or None."""
    if value is None or isinstance(value, str):
        return value
    report(f"{field}={shown(value)} is not a string.")
    return None


def one_of(field: str, value: Any, choices: tuple[str, ...], report: Report) -> str:
    """One of agno's policies, as its enum or as a string."""
    word = value.value if isinstance(value, enum.Enum) else value
    if isinstance(word, str) and word in choices:
        return word
    report(f"{field}={shown(value)} is not one of {', '.join(choices)}.")
    return choices[0]


def count(field: str, value: Any, report: Report) -> int:
    """A whole number from 0."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    report(f"{field}={shown(value)} is not a whole number from 0.")
    return 0


def seconds(field: str, value: Any, report: Report) -> float | None:
    """A duration. None passes: it is the absence of one."""
    if value is None:
        return None
    if not _is_number(value) or value <= 0:
        report(f"{field}={shown(value)} is not a positive number of seconds.")
        return None
    if value < MIN_SECONDS:
        report(f"{field}={shown(value)} is less than a millisecond, and no timer is as short.")
        return None
    if value > MAX_SECONDS:
        report(f"{field}={shown(value)} is more than a hundred years. Leave it out to wait without end.")
        return None
    return float(value)


def factor(field: str, value: Any, report: Report) -> float | None:
    """A number from 1, by which each pause is longer than the one before. None passes."""
    if value is None:
        return None
    if not _is_number(value) or value < 1:
        report(f"{field}={shown(value)} is not a number from 1.")
        return None
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
