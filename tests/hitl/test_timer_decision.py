"""What the timer answers when nobody did, and what that does to the run.

agno documents that ``on_timeout="reject"`` applies `on_reject`, and cancels instead (D56); it knows no timeout for a
form at all (D59). Here the timer's answer is a decision like any other, so every policy has an end, and one that is
unknown ends on the safe side.
"""

import pytest

from agno_temporal.hitl import (
    Action,
    Actor,
    AskAgain,
    Cancel,
    Kind,
    Ledger,
    Outcome,
    Policy,
    Proceed,
    Redo,
    Refusal,
    Requirement,
    Skip,
    outcome_of,
    timer_decision,
)
from agno_temporal.plan import InputField
from tests.hitl.questions import REGION, question

REJECTED = Cancel("Workflow cancelled: Step 'deploy' was rejected")
FAILED = Cancel("Workflow cancelled: Step 'deploy' failed")
DEFAULTS = (InputField("region", value="eu"), InputField("note", required=False))


def asked(kind: Kind, on_timeout: str, on_reject: str = "skip", **others: object) -> Requirement:
    form = DEFAULTS if kind is Kind.USER_INPUT else None
    return question(kind, policy=Policy(on_reject, on_timeout), **{"schema": form, **others})


def outcome(requirement: Requirement) -> Outcome:
    return outcome_of(requirement, timer_decision(requirement))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("on_timeout", ["approve", "reject", "skip", "cancel"])
def test_the_timer_signs_for_what_it_decides(on_timeout: str, kind: Kind):
    decision = timer_decision(asked(kind, on_timeout))
    assert (decision.requirement_id, decision.decided_by) == ("q1", "system:timer")


@pytest.mark.parametrize("kind", [Kind.CONFIRMATION, Kind.OUTPUT_REVIEW, Kind.ITERATION_REVIEW])
def test_approve_lets_the_step_or_its_output_through(kind: Kind):
    assert outcome(asked(kind, "approve")) == Proceed()


@pytest.mark.parametrize(("kind", "action"), [(Kind.USER_INPUT, Action.INPUT), (Kind.CONFIRMATION, Action.CONFIRM)])
def test_approve_fills_a_form_with_its_defaults(kind: Kind, action: Action):
    requirement = asked(kind, "approve", schema=DEFAULTS)
    assert timer_decision(requirement).action is action
    assert outcome(requirement) == Proceed(values={"region": "eu"})


def test_approve_leaves_the_choice_of_a_route_to_the_selector():
    decision = timer_decision(asked(Kind.ROUTE_SELECTION, "approve", choices=("blue", "green")))
    assert (decision.action, decision.selected) == (Action.SELECT, None)


def test_approve_lets_a_step_that_failed_try_again_but_not_for_ever():
    counted = ({"retry_count": before, "timer_rejections": before} for before in range(4))
    rounds = [outcome(asked(Kind.ERROR, "approve", **counts)) for counts in counted]
    assert rounds == [Redo(None), Redo(None), Redo(None), Cancel("Max retries (3) reached for step 'deploy'")]


@pytest.mark.parametrize("form", [(REGION,), ()])
@pytest.mark.parametrize("kind", [Kind.USER_INPUT, Kind.CONFIRMATION])
def test_approve_cancels_where_the_defaults_do_not_suffice(kind: Kind, form: tuple[InputField, ...]):
    assert outcome(asked(kind, "approve", schema=form)) == REJECTED


@pytest.mark.parametrize(
    ("kind", "on_reject", "expected"),
    [
        (Kind.CONFIRMATION, "retry", AskAgain(None)),
        (Kind.USER_INPUT, "retry", AskAgain(None)),
        (Kind.OUTPUT_REVIEW, "retry", Redo(None)),
        (Kind.OUTPUT_REVIEW, "skip", Skip()),
        (Kind.CONFIRMATION, "cancel", REJECTED),
        (Kind.ITERATION_REVIEW, "retry", Redo(None)),
        (Kind.ROUTE_SELECTION, "retry", AskAgain(None)),
        (Kind.ERROR, "retry", Redo(None)),
        (Kind.ERROR, "skip", Skip()),
        (Kind.ERROR, "cancel", FAILED),
    ],
)
def test_reject_applies_on_reject(kind: Kind, on_reject: str, expected: Outcome):
    assert outcome(asked(kind, "reject", on_reject)) == expected


def test_a_step_that_only_timers_reject_comes_to_an_end():
    counted = ({"retry_count": before, "timer_rejections": before} for before in range(4))
    rounds = [outcome(asked(Kind.OUTPUT_REVIEW, "reject", "retry", **counts)) for counts in counted]
    assert rounds == [Redo(None), Redo(None), Redo(None), Cancel("Max retries (3) reached for step 'deploy'")]


@pytest.mark.parametrize("kind", Kind)
def test_skip_leaves_the_step_out_whatever_on_reject_says(kind: Kind):
    assert outcome(asked(kind, "skip", "cancel")) == Skip()


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("on_timeout", ["cancel", "aprove", "retry", ""])
def test_cancel_and_everything_unknown_cancel_the_run_whatever_on_reject_says(on_timeout: str, kind: Kind):
    assert outcome(asked(kind, on_timeout, "retry")) == (FAILED if kind is Kind.ERROR else REJECTED)


@pytest.mark.parametrize(
    ("kind", "on_timeout"),
    [(kind, what) for kind in Kind for what in ("skip", "cancel") if (kind, what) != (Kind.ERROR, "skip")],
)
def test_no_caller_can_send_what_only_a_timer_decides(on_timeout: str, kind: Kind):
    ledger = Ledger()
    ledger.open(requirement := asked(kind, on_timeout))
    assert isinstance(ledger.judge(timer_decision(requirement), now=0.0), Refusal)


def test_the_actors_that_are_no_person_are_named_as_documented():
    assert [actor.value for actor in Actor] == ["system:timer", "system:cancel"]


def test_approve_of_a_form_without_a_schema_cancels():
    assert outcome(asked(Kind.USER_INPUT, "approve", schema=None)) == REJECTED
