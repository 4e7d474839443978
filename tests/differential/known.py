"""The differences that the comparison lets pass, each with its entry in docs/differences.md.

They are in fields that are shown, never in what a step is given or returns. Whatever differs in other places is pinned
by a test of its own, next to the entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.differential.comparable import SET, Difference

AFTER_A_PAUSE = r"^stops\[[1-9]\d*\]"
REQUIREMENT = r"^stops\[\d+\]\.step_requirements\[\d+\]"
INNER_RUN = r"\.step_executor_runs\[\d+\]"


def anything(value: Any) -> bool:
    return True


def nothing(value: Any) -> bool:
    return value is None


def empty(value: Any) -> bool:
    return value == {"(type)": "list", "": []}


@dataclass(frozen=True)
class Known:
    """A difference that is let pass: where, and what stands there on each side. `entry` is a heading of the page."""

    entry: str
    where: str
    agno: Callable[[Any], bool] = anything
    ours: Callable[[Any], bool] = anything

    def covers(self, difference: Difference) -> bool:
        return bool(
            re.search(self.where, difference.where) and self.agno(difference.agno) and self.ours(difference.ours)
        )


KNOWN = (
    Known("a-requirement-has-an-id-of-its-own", f"{REQUIREMENT}\\.step_id$", ours=lambda value: value == SET),
    Known("what-a-requirement-shows-of-the-input", f"{REQUIREMENT}\\.step_input\\.workflow_session$", ours=nothing),
    Known(
        "what-a-requirement-shows-of-the-input",
        f"{REQUIREMENT}\\.step_input\\.previous_step_outputs$",
        agno=lambda value: value["(keys)"] != [],
    ),
    Known("what-a-requirement-shows-of-the-input", f"{REQUIREMENT}\\.step_input\\.additional_data$", ours=nothing),
    Known("what-a-requirement-shows-after-an-edit", f"{REQUIREMENT}\\.step_output\\."),
    Known("what-a-requirement-shows-after-a-rejection", f"{REQUIREMENT}\\.rejection_feedback$", agno=nothing),
    Known(
        "else-is-for-conditions",
        f"{REQUIREMENT}\\.on_reject$",
        agno=lambda value: value == "else",
        ours=lambda value: value == "skip",
    ),
    Known("an-agents-run-keeps-the-state-as-it-was", f"{INNER_RUN}\\.(.*\\.)?session_state"),
    Known("d35", f"{AFTER_A_PAUSE}\\.files$", agno=nothing, ours=empty),
    Known("d35", f"{AFTER_A_PAUSE}\\.metrics\\.duration$"),
    Known(
        "a-run-that-failed-is-not-paused",
        f"{AFTER_A_PAUSE}\\.(paused_step_index|paused_step_name|pause_kind)$",
        ours=nothing,
    ),
    Known("d25", f"{AFTER_A_PAUSE}{INNER_RUN}\\.(.*\\.)?metadata$", agno=nothing),
)


def unknown(differences: list[Difference]) -> list[Difference]:
    """Those that are not let pass."""
    return [one for one in differences if not any(known.covers(one) for known in KNOWN)]
