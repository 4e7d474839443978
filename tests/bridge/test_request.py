"""A request says what agno's `run` was called with, and is refused where it does not fit."""

import json
from datetime import date

import pytest
from agno.media import Image
from agno.workflow import Workflow
from pydantic import BaseModel

from agno_temporal.agno_bridge.request import InvalidInput, check_request, request_of
from agno_temporal.agno_bridge.values import NotSerialisable, decode
from agno_temporal.contract.request import RunRequest
from agno_temporal.plan.data import from_json, to_json


class Topic(BaseModel):
    title: str


PLAIN, TYPED = Workflow(name="w"), Workflow(name="w", input_schema=Topic)


def test_every_argument_is_in_the_request():
    image = Image(url="https://example.org/i")
    request = request_of(
        PLAIN,
        date(2024, 5, 1),
        additional_data={"a": {1}},
        user_id="ana",
        session_id="s",
        session_state={"n": (1,)},
        images=[image],
        dependencies={"d": 1},
        metadata={"m": 2},
        add_dependencies_to_context=True,
        add_session_state_to_context=False,
    )
    again = from_json(RunRequest, json.loads(json.dumps(to_json(request))))
    assert again == request
    assert decode(again.input) == date(2024, 5, 1)
    assert decode(again.images) == [image]
    assert (again.user_id, again.session_id, again.dependencies, again.metadata) == ("ana", "s", {"d": 1}, {"m": 2})
    assert (again.add_dependencies_to_context, again.add_session_state_to_context) == (True, False)


def test_plain_input_stays_plain_json():
    assert to_json(request_of(PLAIN, "bees")) == {"input": "bees"}


def test_the_input_is_fitted_to_the_workflows_schema_first():
    assert decode(request_of(TYPED, {"title": "bees"}).input) == Topic(title="bees")


@pytest.mark.parametrize("input", [None, {"name": "bees"}, "bees"])
def test_an_input_that_does_not_fit_is_refused_by_the_caller_and_by_the_worker(input):
    with pytest.raises(InvalidInput):
        request_of(TYPED, input)
    with pytest.raises(InvalidInput):
        check_request(RunRequest(input=input), TYPED)


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (RunRequest(additional_data=[1]), "additional_data is an object, not list"),
        (RunRequest(session_state="x"), "session_state is an object, not str"),
        (RunRequest(images=[{"uri": "x"}]), r"images\[0\] needs one of url, filepath and content"),
        (RunRequest(files={"url": "x"}), "files is a list, not dict"),
    ],
)
def test_a_raw_start_hears_which_field_is_wrong(request_, says):
    with pytest.raises(InvalidInput, match=says):
        check_request(request_, PLAIN)


def test_what_a_caller_wrote_passes():
    check_request(request_of(TYPED, Topic(title="x"), images=[Image(url="https://example.org/i")]), TYPED)
    check_request(RunRequest(input={"title": "x"}, images=[{"url": "https://example.org/i"}]), TYPED)


def test_a_function_among_the_dependencies_is_refused_by_name():
    with pytest.raises(NotSerialisable) as refused:
        request_of(PLAIN, "x", dependencies={"clock": date.today})
    assert refused.value.where == "dependencies.clock"
