"""What a human is shown: agno's own requirement, and the few fields that mean something else here."""

from datetime import UTC, datetime
from typing import Any

import pytest
from agno.workflow import HumanReview, Step, StepInput, Workflow
from agno.workflow.types import StepRequirement

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.agno_bridge.requirements import step_requirement
from agno_temporal.contract.manifest import Asked
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import Flow
from agno_temporal.hitl import Action, Decision, Kind, Policy, Requirement, Resolution
from agno_temporal.plan import InputField
from tests.bridge.shapes import shape
from tests.bridge.written import leaf

MODE = InputField("mode", description="How to run", value="fast", allowed_values=("fast", "safe"))
LIMIT = InputField("limit", "int", value=3, required=False)


def ship(step_input: StepInput) -> str:
    return "shipped"


def shown(
    kind: Kind = Kind.CONFIRMATION,
    decision: Action | None = None,
    *,
    output: Any = None,
    answer: dict[str, Any] | None = None,
    **fields: Any,
) -> StepRequirement:
    one = Requirement("req-1", "0", "ship", 0, "Step", kind, 1, 0.0, **fields)
    resolution = None if decision is None else Resolution(Decision("req-1", decision, **(answer or {})), 1.0)
    return step_requirement(
        Asked(one, Flow(), output, resolution), RunRequest(input="x"), Bodies(*filter(None, [output]))
    )


REVIEWS = {
    "confirmation": HumanReview(requires_confirmation=True),
    "with-message": HumanReview(
        requires_confirmation=True, confirmation_message="Ship?", on_reject="retry", max_retries=2
    ),
    "input": HumanReview(
        requires_user_input=True,
        user_input_message="How?",
        user_input_schema=[
            {"name": "mode", "description": "d", "allowed_values": ["a"]},
            {"name": "n", "required": False},
        ],
    ),
    "any-input": HumanReview(requires_user_input=True),
    "output-review": HumanReview(requires_output_review=True, on_timeout="approve"),
    "output-review-with-message": HumanReview(requires_output_review=True, output_review_message="Good?"),
}


@pytest.mark.parametrize("review", REVIEWS.values(), ids=REVIEWS.keys())
def test_an_open_requirement_is_filled_as_agno_fills_it(review):
    step = Step(name="ship", executor=ship, step_id="req-1", human_review=review)
    node = compile_workflow(Workflow(name="w", steps=[step])).plan.steps[0].review
    output, fields = None, {}
    if review.requires_output_review:
        output = leaf("ship", "shipped")
        theirs = step.create_output_review_requirement(0, StepInput(input="x"), Bodies(output).output(output))
        kind, message = Kind.OUTPUT_REVIEW, node.output_review_message
    else:
        theirs = step.create_step_requirement(0, StepInput(input="x"))
        kind = Kind.CONFIRMATION if review.requires_confirmation else Kind.USER_INPUT
        message = node.confirmation_message or node.user_input_message
        fields["schema"] = (node.user_input_schema or ()) if review.requires_user_input else None
    theirs.step_input = step_requirement_input()
    assert shape(shown(kind, output=output, message=message, policy=Policy.of(node), **fields)) == shape(theirs)


def step_requirement_input() -> StepInput:
    return StepInput(input="x", previous_step_outputs={}, images=[], videos=[], audio=[], files=[])


def test_the_step_id_is_the_requirements_and_the_deadline_is_a_moment():
    one = shown(deadline=1_700_000_000.5, policy=Policy(on_timeout="reject"))
    assert one.step_id == "req-1"
    assert one.timeout_at == datetime.fromtimestamp(1_700_000_000.5, UTC)
    assert one.on_timeout == "reject"


def test_confirmation_and_input_on_one_step_are_one_requirement():
    one = shown(schema=(MODE,), message="Ship?", form_message="How?")
    assert (one.needs_confirmation, one.needs_user_input) == (True, True)
    assert (one.confirmation_message, one.user_input_message) == ("Ship?", "How?")


def test_a_default_is_shown_and_does_not_count_as_answered():
    mode, limit = shown(Kind.USER_INPUT, schema=(MODE, LIMIT)).user_input_schema
    assert (mode.value, mode.description) == (None, "How to run (default: fast)")
    assert (limit.value, limit.description) == (None, "(default: 3)")


def test_two_people_do_not_fill_in_the_same_form():
    one, other = shown(Kind.USER_INPUT, schema=(MODE,)), shown(Kind.USER_INPUT, schema=(MODE,))
    one.set_user_input(mode="safe")
    assert other.needs_user_input


def test_a_question_that_is_asked_again_shows_why():
    one = shown(feedback="not on a Friday", retry_count=1)
    assert (one.rejection_feedback, one.retry_count) == ("not on a Friday", 1)


def test_a_review_that_opened_because_its_predicate_failed_says_so():
    one = shown(Kind.OUTPUT_REVIEW, output=leaf("ship", "x"), error="KeyError: 'rows'")
    assert one.output_review_message == (
        "Review output of step 'ship'?\n(You are asked because the step's own review function failed: KeyError: 'rows')"
    )


@pytest.mark.parametrize(
    ("kind", "decision", "answer", "expected"),
    [
        (Kind.CONFIRMATION, Action.CONFIRM, {}, {"confirmed": True}),
        (Kind.CONFIRMATION, Action.REJECT, {"feedback": "no"}, {"confirmed": False, "rejection_feedback": "no"}),
        (Kind.CONFIRMATION, Action.SKIP, {}, {"confirmed": False, "on_reject": "skip"}),
        (Kind.CONFIRMATION, Action.CANCEL, {}, {"confirmed": False, "on_reject": "cancel"}),
        (Kind.OUTPUT_REVIEW, Action.EDIT, {"edited_output": [1]}, {"confirmed": True, "edited_output": [1]}),
        (
            Kind.USER_INPUT,
            Action.INPUT,
            {"values": {"mode": "safe"}},
            {"confirmed": None, "user_input": {"mode": "safe"}},
        ),
        (Kind.USER_INPUT, Action.REJECT, {}, {"confirmed": False, "user_input": None}),
    ],
)
def test_a_closed_requirement_shows_its_answer_and_waits_no_more(kind, decision, answer, expected):
    schema = (MODE,) if kind is Kind.USER_INPUT else None
    one = shown(kind, decision, answer=answer, schema=schema)
    assert {name: getattr(one, name) for name in expected} == expected
    assert one.is_resolved
    assert [one.needs_confirmation, one.needs_user_input, one.needs_output_review] == [False, False, False]


@pytest.mark.parametrize("decision", [Action.REJECT, Action.SKIP, Action.CANCEL])
def test_a_form_that_was_closed_without_values_is_no_longer_listed(decision):
    assert shown(Kind.CONFIRMATION, decision, schema=(MODE, LIMIT)).is_resolved
    assert shown(Kind.USER_INPUT, decision, schema=()).is_resolved


def test_what_is_shown_survives_agnos_own_storage():
    one = shown(Kind.USER_INPUT, Action.INPUT, schema=(MODE, LIMIT), answer={"values": {"mode": "safe", "limit": 4}})
    again = StepRequirement.from_dict(one.to_dict())
    assert (again.user_input, again.is_resolved) == ({"mode": "safe", "limit": 4}, True)
