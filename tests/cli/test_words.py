"""The words for what is asked and what an answer does: there are some for every kind, and they say what will happen."""

from __future__ import annotations

import pytest

from agno_temporal.hitl import Action, Kind, Policy, Requirement
from agno_temporal.views.kinds import ASKS, DONE, after_deadline, rejection


def asked(kind: Kind, step_type: str = "Step", **policy: object) -> Requirement:
    return Requirement("r-1", "0", "it", 0, step_type, kind, 1, 0.0, policy=Policy(**policy))


def test_every_kind_and_every_action_has_a_word():
    assert set(ASKS) == set(Kind)
    assert set(DONE) == set(Action)


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        (asked(Kind.CONFIRMATION, on_timeout="approve"), "it is approved"),
        (asked(Kind.USER_INPUT, on_timeout="approve"), "it is filled in with its defaults"),
        (asked(Kind.ITERATION_REVIEW, "Loop", on_timeout="approve"), "the loop ends with this output"),
        (asked(Kind.ROUTE_SELECTION, "Router", on_timeout="approve"), "the router's selector chooses"),
        (asked(Kind.ERROR, on_timeout="approve"), "it is tried again"),
        (asked(Kind.CONFIRMATION, "Loop", on_timeout="skip"), "the loop is skipped"),
        (asked(Kind.OUTPUT_REVIEW, on_timeout="reject"), "it is rejected"),
        (asked(Kind.ERROR, on_timeout="reject", on_reject="cancel"), "a rejection by the timer, which cancels the run"),
        (asked(Kind.ERROR, on_timeout="cancel"), "the run is cancelled"),
    ],
)
def test_a_deadline_says_what_happens_then(requirement: Requirement, words: str):
    assert after_deadline(requirement) == words


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        (asked(Kind.CONFIRMATION), "skips the step"),
        (asked(Kind.CONFIRMATION, on_reject="retry"), "asks again"),
        (asked(Kind.CONFIRMATION, "Condition", on_reject="else"), "takes the else branch"),
        (asked(Kind.CONFIRMATION, "Router", on_reject="cancel"), "cancels the run"),
        (asked(Kind.OUTPUT_REVIEW, on_reject="retry"), "makes the step run again"),
        (asked(Kind.OUTPUT_REVIEW, "Router", on_reject="retry"), "asks for other routes"),
        (
            asked(Kind.ITERATION_REVIEW, "Loop", on_reject="retry", max_retries=2),
            "starts the next iteration, 0 of 2 times so far",
        ),
    ],
)
def test_a_rejection_says_what_it_does(requirement: Requirement, words: str):
    assert rejection(requirement) == words
