"""The overview page, block by block and table by table; its streaming block has a file of its own."""

from __future__ import annotations

import pytest
from agno.workflow import Condition, Loop, OnError, OnReject, Router, Steps, Workflow
from agno.workflow.decorators import pause
from agno.workflow.step import Step
from agno.workflow.types import HumanReview, PauseKind, StepInput, StepOutput, UserInputField

from tests.docs_pages.conftest import agent


def named(name: str, **review: object) -> Step:
    return Step(name=name, agent=agent(name.capitalize()), human_review=HumanReview(**review) if review else None)


def test_the_first_block(runtime, db):
    workflow = Workflow(
        name="letterbox",
        db=db,
        steps=[
            Step(name="open", agent=agent("Open")),
            Step(
                name="read",
                agent=agent("Read"),
                human_review=HumanReview(
                    requires_confirmation=True,
                    confirmation_message="Read private letters?",
                    on_reject=OnReject.skip,
                ),
            ),
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("Monday's post")

    if run_output.is_paused:
        for req in run_output.steps_requiring_confirmation:
            req.confirm()
        run_output = workflow.continue_run(run_output)

    assert run_output.content == "Read (Open (Monday's post))"


def test_pick_a_level_every_step_level_pause_in_one_workflow(runtime, db):
    """The rows of the table: each is asked in its own list, and resolved by its own method."""
    failures = iter([ValueError("flat battery")])

    def measure(step_input: StepInput) -> StepOutput:
        for failure in failures:
            raise failure
        return StepOutput(content="21 degrees")

    workflow = Workflow(
        name="greenhouse",
        db=db,
        steps=[
            named("confirm", requires_confirmation=True),
            named("form", requires_user_input=True, user_input_schema=[UserInputField(name="row", field_type="str")]),
            named("review", requires_output_review=True),
            Router(
                name="route",
                choices=[named("water"), named("shade")],
                human_review=HumanReview(requires_user_input=True),
            ),
            Loop(
                name="loop",
                max_iterations=2,
                steps=[named("weed")],
                human_review=HumanReview(requires_iteration_review=True),
            ),
            Step(name="measure", executor=measure, max_retries=0, human_review=HumanReview(on_error=OnError.pause)),
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("row 1")
    asked = []
    while run_output.is_paused:
        for req in run_output.steps_requiring_confirmation:
            asked.append(("confirmation", req.step_name))
            req.confirm()
        for req in run_output.steps_requiring_user_input:
            asked.append(("user input", req.step_name))
            req.set_user_input(row="north")
        for req in run_output.steps_requiring_output_review:
            asked.append(("output review", req.step_name))
            req.confirm()
        for req in run_output.steps_requiring_route:
            asked.append(("route", req.step_name))
            req.select("shade")
        for req in run_output.steps_with_errors:
            asked.append(("error", req.step_name))
            req.retry()
        run_output = workflow.continue_run(run_output)

    assert asked == [
        ("confirmation", "confirm"),
        ("user input", "form"),
        ("output review", "review"),
        ("route", "route"),
        ("output review", "loop"),
        ("error", "measure"),
    ]
    assert run_output.content == "21 degrees"


@pytest.mark.parametrize("answer", ["confirm", "reject"])
@pytest.mark.parametrize(
    "primitive",
    [
        lambda review: Step(name="part", agent=agent("Part"), human_review=review),
        lambda review: Steps(name="part", steps=[named("part")], human_review=review),
        lambda review: Condition(name="part", evaluator=True, steps=[named("part")], human_review=review),
        lambda review: Loop(name="part", max_iterations=1, steps=[named("part")], human_review=review),
        lambda review: Router(
            name="part", choices=[named("part")], selector=lambda step_input: "part", human_review=review
        ),
    ],
    ids=["Step", "Steps", "Condition", "Loop", "Router"],
)
def test_supported_primitives_all_take_a_confirmation(runtime, db, request, primitive, answer):
    review = HumanReview(requires_confirmation=True, confirmation_message="Go on?", on_reject=OnReject.skip)
    workflow = Workflow(name=request.node.name, db=db, steps=[named("first"), primitive(review), named("last")])
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("x")
    [req] = run_output.steps_requiring_confirmation
    getattr(req, answer)()
    expected = {"confirm": "Last (Part (First (x)))", "reject": "Last (First (x))"}[answer]
    assert workflow.continue_run(run_output).content == expected


def test_run_output_properties(runtime, db):
    workflow = Workflow(
        name="two_gates",
        db=db,
        steps=[named("one", requires_confirmation=True), named("two", requires_output_review=True)],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("x")
    assert run_output.is_paused
    assert (run_output.pause_kind, run_output.paused_step_name) == (PauseKind.STEP, "one")
    assert run_output.pause_kind == "step"
    run_output.step_requirements[-1].confirm()
    run_output = workflow.continue_run(run_output)

    assert run_output.paused_step_name == "two"
    assert [req.step_name for req in run_output.step_requirements] == ["one", "two"]
    assert run_output.steps_requiring_confirmation == []
    assert run_output.steps_requiring_output_review == [run_output.step_requirements[-1]]
    run_output.step_requirements[-1].confirm()
    assert not workflow.continue_run(run_output).is_paused


@pytest.mark.parametrize(
    ("on_reject", "status", "content"),
    [
        (OnReject.skip, "COMPLETED", "After (x)"),
        (OnReject.cancel, "CANCELLED", "Workflow cancelled: Step 'gate' was rejected"),
        (OnReject.retry, "PAUSED", None),
    ],
)
def test_on_reject_behavior(runtime, db, on_reject, status, content):
    workflow = Workflow(
        name=f"gated_{on_reject.value}",
        db=db,
        steps=[named("gate", requires_output_review=True, on_reject=on_reject), named("after")],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("x")
    for req in run_output.steps_requiring_output_review:
        req.reject(feedback="plainer")
    run_output = workflow.continue_run(run_output)
    assert (run_output.status.value, run_output.content) == (status, content)
    if on_reject is OnReject.retry:
        assert run_output.step_requirements[-1].step_output.content == "Gate (x), revised: plainer"


@pytest.mark.parametrize(("answer", "content"), [("confirm", "Sail (x)"), ("reject", "Row (x)")])
def test_on_reject_behavior_of_a_condition(runtime, db, answer, content):
    workflow = Workflow(
        name="boat",
        db=db,
        steps=[
            Condition(
                name="is_windy",
                evaluator=False,
                steps=[named("sail")],
                else_steps=[named("row")],
                human_review=HumanReview(requires_confirmation=True, on_reject=OnReject.else_branch),
            )
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("x")
    for req in run_output.steps_requiring_confirmation:
        getattr(req, answer)()
    assert workflow.continue_run(run_output).content == content


def test_the_pause_decorator(runtime, db):
    @pause(
        requires_user_input=True,
        user_input_message="How far?",
        user_input_schema=[
            UserInputField(name="metres", field_type="float", required=True),
        ],
    )
    def swim(step_input: StepInput) -> StepOutput:
        metres = step_input.additional_data["user_input"]["metres"]
        return StepOutput(content=f"Swam {metres} metres")

    workflow = Workflow(name="pool", db=db, steps=[Step(name="swim", executor=swim)])
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("lane 2")
    for req in run_output.steps_requiring_user_input:
        req.set_user_input(metres=50.0)
    assert workflow.continue_run(run_output).content == "Swam 50.0 metres"
