"""A run goes on only with the very step that its plan names."""

import pytest
from agno.workflow import Loop, Step, Workflow

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.agno_bridge.live import LiveLoop, LiveStep
from agno_temporal.agno_bridge.lookup import StepBlocked, find


def fetch(step_input):
    return "rows"


LIVE = compile_workflow(
    Workflow(name="w", steps=[Step(name="fetch", executor=fetch), Loop([fetch], name="again")])
).live


def test_the_step_at_the_path_is_found_by_name_and_kind():
    assert find(LIVE, "0", "fetch", LiveStep) is LIVE["0"]
    assert find(LIVE, "1", "again", LiveLoop) is LIVE["1"]


@pytest.mark.parametrize(
    ("path", "name", "there"),
    [("0", "deploy", 'the step "fetch"'), ("1", "again", 'the loop "again"'), ("7", "deploy", "nothing to run")],
)
def test_another_step_in_its_place_blocks_and_both_are_named(path, name, there):
    with pytest.raises(StepBlocked) as blocked:
        find(LIVE, path, name, LiveStep)
    assert f"step '{path}' (\"{name}\")" in str(blocked.value)
    assert there in str(blocked.value)
