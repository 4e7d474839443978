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
        """workflow 'release' step '0/loop/0' ("deploy"): on_error="fial" is not one of skip, fail."""
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
    "primitive",
    [
        lambda review: Step(name="x", executor=deploy, human_review=review),
        lambda review: Condition(name="x", steps=[deploy], human_review=review),
        lambda review: Loop(name="x", steps=[deploy], human_review=review),
    ],
)
def test_pausing_on_an_error_is_refused(primitive):
    assert refusal(primitive(HumanReview(on_error=OnError.pause))) == (
        """workflow 'release' step '0' ("x"): on_error="pause" is not supported yet by this version. """
        'Use "fail" or "skip"; Step(max_retries=...) tries again first.'
    )


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


CONFIRMED = HumanReview(requires_confirmation=True)


@pytest.mark.parametrize(
    ("container", "message"),
    [
        (Steps(steps=[], human_review=CONFIRMED), "requires_confirmation on Steps is not supported yet"),
        (Loop(steps=[], human_review=CONFIRMED), "requires_confirmation on Loop is not supported yet"),
        (Condition(steps=[], human_review=CONFIRMED), "requires_confirmation on Condition is not supported yet"),
        (Router(choices=[], human_review=CONFIRMED), "requires_confirmation on Router is not supported yet"),
        (
            Loop(steps=[], human_review=HumanReview(requires_iteration_review=True)),
            "requires_iteration_review on Loop is not supported yet by this version. Review the output of the loop's",
        ),
        (
            Router(
                choices=[deploy], human_review=HumanReview(requires_user_input=True, allow_multiple_selections=True)
            ),
            "requires_user_input on Router is not supported yet by this version. Ask on a Step in front of it",
        ),
        (
            Router(choices=[deploy], human_review=HumanReview(requires_output_review=True)),
            "requires_output_review on Router is not supported yet by this version. Review the outputs of the Steps",
        ),
    ],
)
def test_a_pause_on_a_container_is_refused_with_what_to_do_instead(container, message):
    assert message in refusal(container)
    assert message in refusal(Parallel(container))


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
