"""The three content workflows, run by plain agno with the scripted model."""

import doctest
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.models.message import Message
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow
from agno.workflow.types import StepRequirement

from examples import scripted_model
from examples.content_pipeline import make_content_review, make_data_pipeline, make_parameter_form


def open_requirement(run: WorkflowRunOutput) -> StepRequirement:
    assert run.is_paused, f"the run does not wait: {run.status} {run.content}"
    assert run.step_requirements
    return run.step_requirements[-1]


@pytest.fixture
def review() -> Workflow:
    return make_content_review(db=InMemoryDb())


def test_allowed_records_are_processed_before_they_are_saved() -> None:
    workflow = make_data_pipeline(db=InMemoryDb())
    run = workflow.run("customers")
    open_requirement(run).confirm()

    assert workflow.continue_run(run).content == "Saved: Process (Fetch (customers))"


def test_refused_records_are_saved_as_fetched() -> None:
    workflow = make_data_pipeline(db=InMemoryDb())
    run = workflow.run("customers")
    open_requirement(run).reject()

    assert workflow.continue_run(run).content == "Saved: Fetch (customers)"


def test_the_form_s_values_arrive_in_the_message() -> None:
    workflow = make_parameter_form(db=InMemoryDb())
    run = workflow.run("sales")
    open_requirement(run).set_user_input(threshold=0.8, mode="fast")

    assert workflow.continue_run(run).content == "Report (Process (Analyze (sales)) with threshold: 0.8, mode: fast)"


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"threshold": 0.8}, "mode"),
        ({"threshold": "much", "mode": "fast"}, "threshold"),
        ({"threshold": 0.8, "mode": "reckless"}, "reckless"),
    ],
    ids=["a required value is missing", "not a number", "not an allowed mode"],
)
def test_a_form_that_is_filled_in_wrongly_is_refused(values: dict[str, Any], complaint: str) -> None:
    question = open_requirement(make_parameter_form(db=InMemoryDb()).run("sales"))

    with pytest.raises(ValueError, match=complaint):
        question.set_user_input(**values)


def test_one_run_s_answers_do_not_count_in_the_next() -> None:
    workflow = make_parameter_form(db=InMemoryDb())
    open_requirement(workflow.run("sales")).set_user_input(threshold=0.8, mode="fast")

    assert open_requirement(workflow.run("returns")).needs_user_input


def test_an_approved_draft_is_published(review: Workflow) -> None:
    run = review.run("bees")
    open_requirement(run).confirm()

    assert review.continue_run(run).content == "Published: Draft (Research (bees))"


def test_a_draft_that_is_sent_back_is_written_again_with_the_feedback(review: Workflow) -> None:
    run = review.run("bees")
    open_requirement(run).reject(feedback="shorter")
    run = review.continue_run(run)

    shown = open_requirement(run).step_output
    assert shown
    assert shown.content == "Draft (Research (bees)), revised: shorter"


def test_an_edited_draft_is_published_as_edited(review: Workflow) -> None:
    run = review.run("bees")
    open_requirement(run).edit("Bees dance.")

    assert review.continue_run(run).content == "Published: Bees dance."


def test_the_fourth_rejection_of_a_draft_cancels_the_run(review: Workflow) -> None:
    run = review.run("bees")
    for _ in range(4):
        open_requirement(run).reject(feedback="again")
        run = review.continue_run(run)

    assert run.status == "CANCELLED"


def test_the_scripted_model_streams_the_same_answer() -> None:
    model = scripted_model.ScriptedModel(task="Draft")
    message = Message(role="user", content="Bees\n\nFeedback from reviewer:\nno\tjargon")

    streamed = "".join(str(chunk.content) for chunk in model.invoke_stream(messages=[message]))

    assert streamed == model.invoke(messages=[message]).content == "Draft (Bees), revised: no\tjargon"


def test_the_documented_answers_are_the_real_ones() -> None:
    assert doctest.testmod(scripted_model).failed == 0
