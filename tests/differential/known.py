"""The differences that the comparison lets pass, each with its entry in docs/differences.md.

They are in fields that are shown, never in what a step is given or returns. Whatever differs in other places is pinned
by a test of its own, next to the entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.differential.comparable import SET, Difference, differences

AFTER_A_PAUSE = r"^stops\[[1-9]\d*\]"
REQUIREMENT = r"^stops\[\d+\]\.step_requirements\[\d+\]"
FAILURE = r"^stops\[\d+\]\.error_requirements\[\d+\]"
INNER_RUN = r"\.step_executor_runs\[\d+\]"


Rule = Callable[[Any, Any], bool]
"""Takes what agno has and what stands here."""


def always(agno: Any, ours: Any) -> bool:
    return True


def lost_by_agno(agno: Any, ours: Any) -> bool:
    return agno is None


def not_here(agno: Any, ours: Any) -> bool:
    return ours is None


def is_drawn_here(agno: Any, ours: Any) -> bool:
    return bool(ours == SET)


def counts_none(agno: Any, ours: Any) -> bool:
    return bool(agno == "int 0")


def is_agnos_default(agno: Any, ours: Any) -> bool:
    return bool(agno == "OnReject.cancel")


def speaks_of_else(agno: Any, ours: Any) -> bool:
    return str(agno).endswith("no=else branch)")


def is_numbered(agno: Any, ours: Any) -> bool:
    return agno is None and bool(re.fullmatch(r"[a-z]+_\d+", str(ours)))


def is_skip(agno: Any, ours: Any) -> bool:
    return (agno, ours) == ("else", "skip")


def lists_the_last_only(agno: Any, ours: Any) -> bool:
    return agno is None or (isinstance(agno, list) and len(agno) == 1)


def has_its_own_output(agno: Any, ours: Any) -> bool:
    return bool(agno["(keys)"][:-1] == ours["(keys)"])


def is_doubled_by_agno(agno: Any, ours: Any) -> bool:
    """agno appends the run of a paused executor again each time it goes on."""
    once = [one for index, one in enumerate(agno) if one not in agno[:index]]
    return not unknown(list(differences(once, ours, "stops[1].step_executor_runs")))


@dataclass(frozen=True)
class Known:
    """A difference that is let pass: where, and between what. `entry` is the test that the page names for it."""

    entry: str
    where: str
    rule: Rule = always

    def covers(self, difference: Difference) -> bool:
        return bool(re.search(self.where, difference.where)) and self.rule(difference.agno, difference.ours)


SHOWN_INPUT = "a_review_shows_the_input_that_the_step_had"

KNOWN = (
    Known("a_requirements_step_id_is_its_own", f"{REQUIREMENT}\\.step_id$", is_drawn_here),
    Known(SHOWN_INPUT, f"{REQUIREMENT}\\.step_input\\.workflow_session$", not_here),
    Known(SHOWN_INPUT, f"{REQUIREMENT}\\.step_input\\.previous_step_outputs$", has_its_own_output),
    Known(SHOWN_INPUT, f"{REQUIREMENT}\\.step_input\\.additional_data$", not_here),
    Known("a_review_shows_what_was_reviewed_after_an_edit_too", f"{REQUIREMENT}\\.step_output\\."),
    Known(
        "a_second_review_shows_why_the_first_attempt_was_rejected",
        f"{REQUIREMENT}\\.rejection_feedback$",
        lost_by_agno,
    ),
    Known("a_containers_question_shows_its_policy", f"{REQUIREMENT}\\.(max_retries|timeout_at)$", lost_by_agno),
    Known("a_containers_question_shows_its_policy", f"{REQUIREMENT}\\.retry_count$", counts_none),
    Known("a_containers_question_shows_its_policy", f"{REQUIREMENT}\\.on_reject$", is_agnos_default),
    Known("a_conditions_question_says_what_no_does", f"{REQUIREMENT}\\.confirmation_message$", speaks_of_else),
    Known(
        "a_tool_is_answered_by_the_methods_that_agno_documents",
        f"{REQUIREMENT}\\.executor_requirements\\[\\d+\\]\\.\\(type\\)$",
    ),
    Known(
        "a_step_without_a_name_is_called_by_its_number_where_it_asks", r"^stops\[\d+\]\.paused_step_name$", is_numbered
    ),
    Known("a_routers_review_shows_its_input", f"{REQUIREMENT}\\.step_input$", lost_by_agno),
    Known("an_error_pause_is_a_pause_of_a_step", r"^stops\[\d+\]\.pause_kind$", lost_by_agno),
    Known("an_error_shows_the_input_of_its_step", f"{FAILURE}\\.step_input$", lost_by_agno),
    Known("retries_of_a_failure_are_counted", f"{FAILURE}\\.retry_count$", counts_none),
    Known("a_failures_step_id_is_its_own", f"{FAILURE}\\.step_id$", is_drawn_here),
    Known(
        "failures_that_were_decided_stay_with_the_run", f"{AFTER_A_PAUSE}\\.error_requirements$", lists_the_last_only
    ),
    Known("else_is_shown_as_the_skip_that_it_is", f"{REQUIREMENT}\\.on_reject$", is_skip),
    Known("an_agents_run_keeps_the_state_as_it_was", f"{INNER_RUN}\\.(.*\\.)?session_state"),
    Known("a_runs_files_are_kept_over_a_pause", f"{AFTER_A_PAUSE}\\.files$", lost_by_agno),
    Known("a_run_that_went_on_knows_how_long_it_took", f"{AFTER_A_PAUSE}\\.metrics\\.duration$"),
    Known(
        "a_run_that_failed_after_a_pause_is_not_paused",
        f"{AFTER_A_PAUSE}\\.(paused_step_index|paused_step_name|pause_kind)$",
        not_here,
    ),
    Known("a_run_that_went_on_is_shown_once", f"{AFTER_A_PAUSE}\\.step_executor_runs$", is_doubled_by_agno),
    Known("what_a_run_was_given_survives_a_pause", f"{AFTER_A_PAUSE}{INNER_RUN}\\.(.*\\.)?metadata$", lost_by_agno),
)


def unknown(found: list[Difference]) -> list[Difference]:
    """Those that are not let pass."""
    return [one for one in found if not any(known.covers(one) for known in KNOWN)]
