"""agno's trees of outputs, made of the interpreter's."""

import pytest
from agno.media import Image
from agno.workflow import StepInput, StepOutput
from agno.workflow.types import StepType

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.step_outputs import deepest_content, final_content, step_output
from agno_temporal.contract.outputs import Made, NestedRun, Output, RunInput
from tests.bridge.written import group, leaf

INNER = NestedRun("run-2", "inner", "inner", RunInput(), 2.5)


def built(output: Output) -> StepOutput:
    return step_output(output, Bodies(output))


def what_the_next_step_sees(output: Output) -> object:
    return StepInput(previous_step_outputs={"box": built(output)}).get_last_step_content()


def test_a_containers_output_has_its_childrens():
    output = built(group("Steps", leaf("a", 1, "0/steps/0#1"), leaf("b", 2, "0/steps/1#1"), content="2 results"))
    assert (output.step_name, output.step_id, output.step_type, output.content) == (
        "box",
        "box-id",
        StepType.STEPS,
        "2 results",
    )
    assert [step.content for step in output.steps] == [1, 2]


@pytest.mark.parametrize("step_type", ["Condition", "Router"])
def test_a_branch_that_was_not_taken_has_no_steps_and_an_empty_sequence_has_none_of_them(step_type):
    assert built(group(step_type, ran=False)).steps is None
    assert built(group("Loop")).steps == []


def test_what_the_interpreter_made_is_shown_as_agno_does():
    made = Made("a", "Step skipped due to error: no", step_id="id", step_type="Step", success=False, error="no")
    assert built(made) == StepOutput(
        step_name="a",
        step_id="id",
        step_type=StepType.STEP,
        content="Step skipped due to error: no",
        success=False,
        error="no",
    )


def test_a_nested_workflow_takes_its_content_from_its_last_step():
    output = built(group("Workflow", leaf("a", 1, "0#1"), leaf("b", 2, "1#1"), run=INNER))
    assert (output.content, output.executor_type, output.executor_name, output.step_run_id) == (
        2,
        "workflow",
        "inner",
        "run-2",
    )
    assert output.metrics.duration == 2.5


def test_a_nested_workflow_without_steps_says_so():
    output = built(group("Workflow", run=INNER))
    assert (output.content, output.steps) == ("No steps executed", None)


def test_a_parallel_hands_on_the_media_and_failures_of_its_branches():
    one = leaf("a", "x", "0#1", images=[Image(url="https://example.org/a", id="a")])
    other = leaf("b", "y", "1#1", images=[Image(url="https://example.org/b", id="b")], success=False)
    output = built(group("Parallel", one, other))
    assert [image.id for image in output.images] == ["a", "b"]
    assert (output.success, output.executor_type) == (False, "parallel")
    assert "❌ FAILURE: b\ny" in output.content


def test_a_reviewers_edit_of_a_step_replaces_its_content_of_any_type():
    assert built(leaf("a", "old", edited={"$type": "date", "value": "2024-05-01"})).content.year == 2024


def test_a_reviewers_edit_of_a_container_reaches_whoever_reads_the_last_content():
    edited = group("Workflow", leaf("a", 1, "0#1"), leaf("b", 2, "1#1"), run=INNER, edited="new", has_edit=True)
    assert built(edited).content == "new"
    assert what_the_next_step_sees(edited) == "new"
    assert deepest_content(built(edited)) == "new"
    assert final_content([built(edited)]) == "new"


def test_an_edit_does_not_change_the_same_output_elsewhere():
    step = leaf("b", "old", "1#1")
    bodies = Bodies(step)
    step_output(group("Workflow", step, run=INNER, edited="new", has_edit=True), bodies)
    assert step_output(step, bodies).content == "old"


def test_an_edit_reaches_into_outputs_that_a_function_nested_itself():
    edited = leaf("a", "outer", steps=[StepOutput(content="inner")], edited="new")
    assert what_the_next_step_sees(edited) == "new"
