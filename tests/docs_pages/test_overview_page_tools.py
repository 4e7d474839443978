"""The overview page on executors: the pause is at a tool, of its own kind, and resolved by its own methods."""

from __future__ import annotations

import pytest
from agno.tools import tool
from agno.workflow import Workflow
from agno.workflow.step import Step
from agno.workflow.types import HumanReview, PauseKind

from tests.tool_script import caller


@tool(requires_confirmation=True)
def mow(meadow: str) -> str:
    """Mows a meadow."""
    return f"{meadow} is mown"


@tool(requires_user_input=True, user_input_fields=["metres"])
def fence(meadow: str, metres: int) -> str:
    """Fences a meadow."""
    return f"{meadow} has {metres} m of fence"


@tool(external_execution=True)
def count_sheep(meadow: str) -> str:
    """Counts the sheep."""
    raise AssertionError("it runs elsewhere")


@pytest.mark.parametrize(
    ("called", "resolve", "content"),
    [
        (mow, lambda executor_req: executor_req.confirm(), "got hill is mown"),
        (mow, lambda executor_req: executor_req.reject("it rains"), "got it rains"),
        (fence, lambda executor_req: executor_req.provide_user_input({"metres": 90}), "got hill has 90 m of fence"),
        (count_sheep, lambda executor_req: executor_req.set_external_execution_result("41"), "got 41"),
    ],
    ids=["confirmed", "rejected", "user input", "external execution"],
)
def test_pick_a_level_a_tool_call(runtime, db, request, called, resolve, content):
    shepherd = caller([(called.name, {"meadow": "hill"})], tools=[called])
    workflow = Workflow(name=request.node.name, db=db, steps=[Step(name="work", agent=shepherd)])
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("a sunny day")
    assert run_output.is_paused
    assert run_output.pause_kind == PauseKind.EXECUTOR == "executor"
    for req in run_output.steps_requiring_executor_resolution:
        for executor_req in req.executor_requirements:
            resolve(executor_req)
    assert workflow.continue_run(run_output).content == content


def test_run_output_properties_of_a_nested_pause(runtime, db):
    """The last entry is the open one, and says which kind of pause it is; the earlier ones are history."""
    shepherd = caller([("mow", {"meadow": "hill"})], tools=[mow])
    step = Step(name="work", agent=shepherd, human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="two_levels", db=db, steps=[step])
    workflow = runtime.durable(workflow)  # The one line.

    run_output = workflow.run("a sunny day")
    assert run_output.pause_kind == "step"
    run_output.step_requirements[-1].confirm()
    run_output = workflow.continue_run(run_output)

    assert run_output.pause_kind == "executor"
    [before, active] = run_output.step_requirements
    assert (before.is_resolved, active.requires_executor_input) == (True, True)
    for executor_req in active.executor_requirements:
        executor_req.confirm()
    assert workflow.continue_run(run_output).content == "got hill is mown"
