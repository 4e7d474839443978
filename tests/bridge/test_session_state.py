"""The session state of a step: what it sees, and what it is said to have changed."""

import json
import threading
from datetime import date

import pytest
from agno.workflow import Workflow

from agno_temporal.agno_bridge.session_state import LiveState, decode_state, encode_state
from agno_temporal.agno_bridge.values import NotSerialisable
from agno_temporal.contract.tasks import RunFacts, StateChange

FACTS = RunFacts("run-1", "release", "session-1", "digest", user_id="ana")


def opened(**values) -> LiveState:
    written = json.loads(json.dumps(encode_state(values), sort_keys=True))
    return LiveState.open(written, Workflow(name="release"), FACTS)


def test_a_step_sees_the_values_with_their_types_and_the_ids_of_the_run():
    assert opened(due=date(2024, 5, 1)).values == {
        "due": date(2024, 5, 1),
        "workflow_id": "release",
        "workflow_name": "release",
        "current_user_id": "ana",
        "current_session_id": "session-1",
        "current_run_id": "run-1",
    }


def test_a_state_that_was_only_read_has_not_changed():
    state = opened(z={"b": 1, "a": {2, 3}}, due=date(2024, 5, 1), workflow_id="the user's own")
    assert state.values["z"]["b"] == 1
    assert state.change() is None


def test_what_was_set_changed_in_place_or_removed_is_told_by_key():
    state = opened(kept=1, rows=[1], gone=2)
    state.values["rows"].append(2)
    state.values["new"] = (1, 2)
    del state.values["gone"]
    assert state.change() == StateChange({"rows": [1, 2], "new": encode_state({"x": (1, 2)})["x"]}, ("gone",))


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), (0, False), ([1], (1,))])
def test_values_that_python_calls_equal_are_told_apart(before, after):
    state = opened(flag=before)
    state.values["flag"] = after
    assert list(state.change().set) == ["flag"]


def test_what_cannot_be_kept_is_refused_by_key():
    state = opened()
    state.values["lock"] = threading.Lock()
    with pytest.raises(NotSerialisable) as refused:
        state.change()
    assert refused.value.where == "session_state.lock"


@pytest.mark.parametrize("key", [1, "$type"])
def test_a_key_that_cannot_be_merged_is_refused(key):
    with pytest.raises(NotSerialisable, match="Use text other than"):
        encode_state({key: 1})


def test_no_state_is_an_empty_one():
    assert decode_state(None) == {}
