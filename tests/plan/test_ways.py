"""Two plans have the same step only where every node on the way down to it is the same."""

from __future__ import annotations

from dataclasses import replace

from agno_temporal.plan import ExecutorKind, Plan, StepNode, StepsNode, WorkflowNode
from agno_temporal.plan.ways import first_difference, way_to


def leaf(path: str, name: str = "run", executor: ExecutorKind = ExecutorKind.FUNCTION) -> StepNode:
    return StepNode(path, name, f"id-{path}", executor)


def plan(*steps: StepNode | StepsNode | WorkflowNode) -> Plan:
    return Plan("w", "w", steps, agent=leaf("agent", "ask", ExecutorKind.AGENT))


def group(name: str) -> StepsNode:
    return StepsNode("1", name, "id-1", (leaf("1/steps/0"),))


def nested(workflow_id: str) -> WorkflowNode:
    return WorkflowNode("1", "sub", "id-1", workflow_id, workflow_id, (leaf("1/workflow/0"),))


def test_the_way_to_a_node_has_everything_around_it() -> None:
    whole = plan(leaf("0"), group("eu"), *(leaf(str(index)) for index in range(2, 12)))
    assert [node.path for node in way_to(whole, "1/steps/0")] == ["1", "1/steps/0"]
    assert [node.path for node in way_to(whole, "11")] == ["11"]
    assert [node.path for node in way_to(whole, "agent")] == ["agent"]
    assert [way_to(whole, path) for path in ("1/steps/1", "1/loop/0", "12", "")] == [(), (), (), ()]


def test_a_step_of_the_same_name_in_another_group_or_workflow_is_another_step() -> None:
    for then, now, path in ((group("eu"), group("us"), "1/steps/0"), (nested("a"), nested("b"), "1/workflow/0")):
        assert first_difference(plan(leaf("0"), then), plan(leaf("0"), now), path) == (then, now)
        assert first_difference(plan(leaf("0"), then), plan(leaf("0"), then), path) is None


def test_what_runs_a_step_is_its_body_unless_it_is_the_whole_workflow() -> None:
    step = leaf("0")
    agent, whole = (replace(step, executor=kind) for kind in (ExecutorKind.AGENT, ExecutorKind.WORKFLOW_FUNCTION))
    assert first_difference(plan(step), plan(agent), "0") is None
    assert first_difference(plan(step), plan(whole), "0") == (step, whole)


def test_what_stands_elsewhere_makes_no_difference() -> None:
    assert first_difference(plan(leaf("0", "a"), group("eu")), plan(leaf("0", "b"), group("eu")), "1/steps/0") is None
