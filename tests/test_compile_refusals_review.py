"""Refused: gates that could not be kept, and settings of which nothing would come."""

import math

import pytest
from agno.workflow import Condition, HumanReview, Loop, OnError, Parallel, Router, Step, Steps, Workflow, pause

from agno_temporal.agno_bridge.compile import PlanError, compile_workflow


def deploy(step_input):
    return "live"


def refusal(step) -> str:
    with pytest.raises(PlanError) as refused:
        compile_workflow(Workflow(name="release", steps=[step]))
    return str(refused.value)


def step_refusal(**settings) -> str:
    return refusal(Step(name="deploy", executor=deploy, human_review=HumanReview(**settings)))


def test_a_misspelt_policy_is_refused_in_full():
    nested = Loop(steps=[Step(name="deploy", executor=deploy, human_review=HumanReview(on_error="fial"))])
    assert refusal(nested) == (
        """workflow 'release' step '0/loop/0' ("deploy"): on_error="fial" is not one of skip, fail, pause."""
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"on_reject": "reject"}, 'on_reject="reject" is not one of skip, cancel, retry, else.'),
        ({"on_timeout": "aprove"}, 'on_timeout="aprove" is not one of approve, reject, skip, cancel.'),
        ({"timeout": 0}, "timeout=0 is not a positive number of seconds."),
        ({"timeout": math.inf}, "timeout=inf is not a positive number of seconds."),
        ({"timeout": "60"}, 'timeout="60" is not a positive number of seconds.'),
        ({"timeout": 1e10}, "is more than a hundred years. Leave it out to wait without end."),
        ({"max_retries": -1}, "max_retries=-1 is not a whole number from 0."),
        ({"max_retries": 1.5}, "max_retries=1.5 is not a whole number from 0."),
        ({"confirmation_message": 7}, "confirmation_message=7 is not a string."),
        ({"requires_user_input": deploy}, "requires_user_input=deploy is neither True nor False."),
        ({"requires_output_review": "yes"}, 'requires_output_review="yes" is neither True, False nor a function'),
        ({"allow_multiple_selections": True}, "allow_multiple_selections is for a Router"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused(settings, message):
    assert message in step_refusal(requires_confirmation=True, **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timeout": 60}, "timeout=60 is set, but nothing here asks a human. Set one of requires_confirmation,"),
        ({"on_timeout": "skip"}, 'on_timeout="skip" is set, but nothing here asks a human.'),
        ({"on_reject": "cancel"}, 'on_reject="cancel" is set, but nothing here asks a human.'),
        ({"max_retries": 0}, "A step's own retries are Step(max_retries=...)."),
        ({"confirmation_message": "Go?"}, "confirmation_message is set without requires_confirmation, so that nobody"),
        ({"user_input_schema": [{"name": "x"}]}, "user_input_schema is set without requires_user_input"),
        ({"output_review_message": "Ok?"}, "Set requires_output_review=True, or leave it out."),
    ],
)
def test_a_gates_setting_without_its_gate_is_refused(settings, message):
    assert message in step_refusal(**settings)


def test_a_message_without_its_gate_is_refused_under_pause_too():
    @pause(confirmation_message="Go?")
    def launch(step_input):
        return "up"

    assert "confirmation_message is set without requires_confirmation" in refusal(launch)


@pytest.mark.parametrize("gate", ["requires_confirmation", "requires_user_input"])
def test_a_gate_of_the_decorator_that_the_step_drops_is_refused(gate):
    launch = pause(**{gate: True})(lambda step_input: "up")
    dropped = Step(name="launch", executor=launch, human_review=HumanReview(on_error="fail"))
    assert f"@pause({gate}=True) on <lambda> is dropped by the step's human_review." in refusal(dropped)
    kept = Step(name="launch", executor=launch, human_review=HumanReview(**{gate: True}))
    assert compile_workflow(Workflow(name="release", steps=[kept]))


def with_review(primitive, **settings):
    """agno's constructors refuse some of these; setting them afterwards is refused by nobody."""
    primitive.human_review = HumanReview(**settings)
    return primitive


@pytest.mark.parametrize(
    ("primitive", "message"),
    [
        (with_review(Parallel(deploy), requires_confirmation=True), "requires_confirmation on Parallel asks nobody"),
        (with_review(Loop(steps=[deploy]), requires_output_review=True), "set requires_iteration_review, or review"),
        (with_review(Condition(steps=[deploy]), requires_user_input=True), "it is for Step, Router. Leave it out."),
        (with_review(Router(choices=[deploy]), requires_iteration_review=True), "On a Router, set requires_output_rev"),
        (with_review(Steps(steps=[deploy]), requires_output_review=True), "it is for Step, Router. Leave it out."),
    ],
)
def test_a_gate_that_agno_has_on_other_primitives_only_is_refused(primitive, message):
    assert message in refusal(primitive)
    assert message in refusal(Steps(steps=[primitive]))


def router_refusal(choices, selector=None, **settings) -> str:
    return refusal(Router(name="way", choices=choices, selector=selector, human_review=HumanReview(**settings)))


@pytest.mark.parametrize(
    "asks",
    [
        {"requires_user_input": True},
        {"requires_output_review": True, "on_reject": "retry"},
    ],
)
def test_a_choice_that_nobody_could_name_is_refused(asks):
    named, unnamed = Step(name="blue", executor=deploy), Steps(steps=[deploy])
    assert "choices[1] has no name to choose it by" in router_refusal([named, unnamed], **asks)
    assert 'more than one choice has the name "blue"' in router_refusal([named, named], **asks)
    assert "it asks for a route, and has no choices. Add some." in router_refusal([], **asks)


def test_a_timer_cannot_choose_a_route_where_there_is_no_selector():
    asks = {"requires_user_input": True, "timeout": 60, "on_timeout": "approve"}
    assert "that is left to the selector, and there is none" in router_refusal([deploy], **asks)
    router = Router(name="way", choices=[deploy], selector=lambda _: "deploy", human_review=HumanReview(**asks))
    assert compile_workflow(Workflow(name="release", steps=[router]))


def test_several_selections_without_a_question_for_them_are_refused():
    assert "allow_multiple_selections is for a Router that asks" in router_refusal(
        [deploy], lambda _: "deploy", requires_confirmation=True, allow_multiple_selections=True
    )


@pytest.mark.parametrize("settings", [{"timeout": 60}, {"on_timeout": "skip"}, {"on_reject": "cancel"}])
def test_a_pause_on_an_error_has_a_timeout(settings):
    step = Step(name="deploy", executor=deploy, human_review=HumanReview(on_error=OnError.pause, **settings))
    assert compile_workflow(Workflow(name="release", steps=[step]))


def test_a_limit_of_rejections_is_refused_where_only_an_error_pauses():
    assert "max_retries=5 is set, but nothing here asks" in step_refusal(on_error="pause", max_retries=5)


@pytest.mark.parametrize("settings", [{"timeout": 5}, {"on_error": "fail"}])
@pytest.mark.parametrize(
    "container",
    [
        lambda review: Parallel(deploy, human_review=review),
        lambda review: Steps(steps=[deploy], human_review=review),
        lambda review: Router(choices=[deploy], human_review=review),
    ],
)
def test_what_agno_ignores_on_a_container_is_refused(container, settings):
    assert f"{next(iter(settings))}=" in refusal(container(HumanReview(**settings)))


def test_a_condition_may_fail_the_run():
    condition = Condition(steps=[deploy], human_review=HumanReview(on_error=OnError.fail))
    assert compile_workflow(Workflow(name="release", steps=[condition])).plan.steps[0].on_error == "fail"
