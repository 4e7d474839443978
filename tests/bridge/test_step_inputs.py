"""What a step is given: agno's `StepInput`, and nothing that another step can change."""

import pytest
from agno.media import Image
from agno.workflow import Workflow
from pydantic import BaseModel

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.request import request_of
from agno_temporal.agno_bridge.step_inputs import fit_input, step_input
from agno_temporal.contract.outputs import MessageOf, Query, RunInput
from agno_temporal.contract.tasks import Extras, Flow, Named, RunFacts, StepTask
from tests.bridge.written import group, leaf


class Topic(BaseModel):
    title: str


def given(flow: Flow, extras: Extras | None = None, workflow: Workflow | None = None, **arguments):
    task = StepTask(RunFacts("run-1", "w", "s", "d"), "9", "z", 1, flow, extras=extras)
    request = request_of(workflow or Workflow(name="w"), **{"input": "bees", **arguments})
    return step_input(flow, request, Bodies(task), extras)


def previous(*outputs) -> Flow:
    return Flow(previous=tuple(Named(name, output) for name, output in outputs))


def test_the_first_step_gets_the_runs_input_and_nothing_else():
    first = given(Flow())
    assert (first.input, first.previous_step_content, first.previous_step_outputs) == ("bees", None, {})
    assert (first.additional_data, first.images, first.files) == (None, [], [])


def test_the_input_keeps_its_type():
    assert given(Flow(), input=Topic(title="bees")).input == Topic(title="bees")


def test_earlier_outputs_stand_in_order_and_the_last_ones_content_apart():
    flow = previous(("a", leaf("a", 1, "0#1")), (None, group("Steps", leaf("b", 2, "1#1"), content="1 results")))
    later = given(flow)
    assert list(later.previous_step_outputs) == ["a", None]
    assert later.previous_step_content == "1 results"
    assert later.get_last_step_content() == 2


def test_media_are_the_inputs_and_then_those_of_earlier_outputs():
    flow = Flow(media=(leaf("a", images=[Image(url="https://example.org/2", id="2")]),))
    later = given(flow, images=[Image(url="https://example.org/1", id="1")])
    assert [image.id for image in later.images] == ["1", "2"]


@pytest.mark.parametrize(("content", "message"), [("honey", "honey"), ("", "bees"), (None, "bees")])
def test_a_nested_workflow_gets_the_last_content_or_what_came_before_it(content, message):
    source = MessageOf(leaf("a", content), RunInput())
    assert given(Flow(input=source)).input == message


def test_a_nested_workflow_gets_all_branches_of_a_parallel():
    branches = group("Parallel", leaf("a", "x", "0#1"), leaf("b", "y", "1#1"))
    assert given(Flow(input=MessageOf(branches, RunInput()))).input == "=== a ===\nx\n\n=== b ===\ny"


def test_additional_data_is_the_steps_own_copy():
    data = {"rows": [1]}
    one, other = given(Flow(), additional_data=data), given(Flow(), additional_data=data)
    one.additional_data["rows"].append(2)
    assert other.additional_data == {"rows": [1]}


def test_a_nested_workflow_gets_no_additional_data():
    assert given(Flow(with_additional_data=False), additional_data={"a": 1}).additional_data is None


def test_a_humans_answer_stands_beside_the_runs_data_under_agnos_keys():
    extras = Extras({"mode": "fast"}, leaf("z", {"old": 1}, "9#1"), "shorter")
    assert given(Flow(), extras, additional_data={"a": 1}).additional_data == {
        "a": 1,
        "user_input": {"mode": "fast"},
        "rejection_feedback": "shorter",
        "previous_output": "{'old': 1}",
    }


@pytest.mark.parametrize("extras", [Extras(), Extras({}, leaf("z", "", "9#1"), "")])
def test_an_empty_answer_adds_nothing(extras):
    assert given(Flow(), extras).additional_data is None


def test_a_nested_workflows_message_is_fitted_to_its_schema():
    flow = Flow(input=MessageOf(leaf("a", '{"title": "bees"}'), RunInput()))
    step = given(flow)
    fit_input(step, Workflow(name="inner", input_schema=Topic), flow)
    assert step.input == Topic(title="bees")


def test_a_message_that_does_not_fit_is_an_error_of_the_users():
    with pytest.raises(ValueError, match="Failed to parse"):
        fit_input(given(Flow()), Workflow(name="inner", input_schema=Topic), Flow())


def test_what_an_agent_asks_for_is_text_whatever_the_schema():
    flow = Flow(input=Query("bees"))
    step = given(flow)
    fit_input(step, Workflow(name="inner", input_schema=Topic), flow)
    assert step.input == "bees"
