"""The nodes' defaults are agno's, and a walk visits every node.

A gate that a walk misses is one that nobody checks at registration; a default that differs is a policy nobody chose.
"""

import dataclasses

import pytest
from agno.workflow import Loop, Step
from agno.workflow.types import HumanReview, UserInputField

from agno_temporal.plan import (
    ConditionNode,
    ExecutorKind,
    InputField,
    LoopNode,
    Node,
    ParallelNode,
    Review,
    RouterNode,
    StepNode,
    StepsNode,
    WorkflowNode,
    children,
    walk,
)


def leaf(path: str) -> StepNode:
    return StepNode(path, path, path, ExecutorKind.FUNCTION)


CONTAINERS: dict[str, Node] = {
    "steps": StepsNode("0", "all", "c", (leaf("0/0"), leaf("0/1"))),
    "loop": LoopNode("0", "again", "c", (leaf("0/loop/0"), leaf("0/loop/1"))),
    "router": RouterNode("0", "either", "c", (leaf("0/0"), leaf("0/1"))),
    "parallel": ParallelNode("0", "both", "c", (leaf("0/0"), leaf("0/1"))),
    "workflow": WorkflowNode("0", "inner", "c", "inner", None, (leaf("0/0"), leaf("0/1"))),
    "condition": ConditionNode("0", "if", "c", (leaf("0/if/0"),), else_steps=(leaf("0/else/0"),)),
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_a_walk_visits_a_container_and_then_its_children(container: Node):
    assert [node.path for node in walk((container, leaf("1")))] == [
        "0", *[child.path for child in children(container)], "1"
    ]  # fmt: skip
    assert len(children(container)) == 2


def test_a_condition_has_its_else_branch_last():
    assert [child.path for child in children(CONTAINERS["condition"])] == ["0/if/0", "0/else/0"]


def test_a_step_has_no_children():
    assert children(leaf("0")) == ()


SAME_NAME = ["on_reject", "on_error", "max_retries", "timeout", "on_timeout", "confirmation_message"]


@pytest.mark.parametrize("rule", [*SAME_NAME, "requires_confirmation", "requires_user_input", "user_input_schema"])
def test_a_review_without_rules_has_those_of_agno(rule: str):
    theirs = getattr(HumanReview(), rule)
    assert getattr(Review(), rule) == getattr(theirs, "value", theirs)


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(InputField)])
def test_a_field_of_a_form_has_the_defaults_of_agno(name: str):
    ours = InputField("region")
    theirs = UserInputField.from_dict({"name": "region"})
    assert getattr(ours, name) == getattr(theirs, name)


def test_a_step_and_a_loop_are_tried_as_often_as_in_agno():
    step = Step(name="deploy", executor=lambda step_input: None)
    assert leaf("0").max_retries == step.max_retries
    assert leaf("0").skip_on_failure is step.skip_on_failure
    assert LoopNode("0", None, "l", ()).max_iterations == Loop(steps=[step]).max_iterations
