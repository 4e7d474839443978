"""Names in a plan: those that agno gives, with its own preparation of the same steps as the oracle."""

import pytest
from agno.agent import Agent
from agno.team import Team
from agno.workflow import (
    Condition,
    Loop,
    Router,
    Step,
    StepOutput,
    Steps,
    Workflow,
    pause,
)

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.plan import Node, WorkflowNode, walk


def fetch(step_input):
    return StepOutput(content="rows")


def deploy(step_input):
    return StepOutput(content="live")


def nodes(*steps, **settings) -> tuple[Node, ...]:
    return compile_workflow(Workflow(name="release", steps=list(steps), telemetry=False, **settings)).plan.steps


def outline(*steps) -> list[tuple[str, str, str | None]]:
    return [(node.path, node.KIND, node.name) for node in walk(nodes(*steps))]


def bare_steps():
    return [
        fetch,
        lambda step_input: "x",
        Agent(),
        Agent(name="Writer"),
        Team(members=[]),
        Workflow(steps=[]),
        Step(executor=fetch),
        Loop(steps=[]),
    ]


def test_top_level_steps_have_the_names_that_agno_gives_them():
    in_agno = Workflow(name="release", steps=bare_steps(), telemetry=False)
    in_agno._prepare_steps()
    assert [node.name for node in nodes(*bare_steps())] == [step.name for step in in_agno.steps]


@pytest.mark.parametrize("container", [Steps, Loop, Condition])
def test_steps_in_a_container_have_the_names_that_agno_gives_them(container):
    in_agno = container(steps=bare_steps())
    in_agno._prepare_steps()
    [node] = nodes(container(steps=bare_steps()))
    assert [child.name for child in node.steps] == [step.name for step in in_agno.steps]


def test_a_list_among_a_routers_choices_is_a_group_named_by_its_place():
    assert outline(Router(name="pick", choices=[fetch, [deploy, fetch]]))[2:] == [
        ("0/router/1", "steps", "steps_group_1"),
        ("0/router/1/steps/0", "step", "deploy"),
        ("0/router/1/steps/1", "step", "fetch"),
    ]


def test_a_bare_function_keeps_its_own_name_and_the_gates_of_pause():
    @pause(name="ignored by agno", requires_confirmation=True)
    def launch(step_input):
        return "up"

    [node] = nodes(launch)
    assert (node.name, node.review.requires_confirmation) == ("launch", True)


def test_a_step_takes_its_name_from_pause():
    @pause(name="lift off", requires_confirmation=True)
    def launch(step_input):
        return "up"

    assert nodes(Step(executor=launch))[0].name == "lift off"


def test_a_given_workflow_id_wins_over_the_name():
    assert compile_workflow(Workflow(id="wf-1", name="release", steps=[])).plan.workflow_id == "wf-1"


def test_a_nested_workflow_carries_the_id_that_agno_would_give_it():
    [node] = nodes(Step(name="run it", workflow=Workflow(name="Inner One", steps=[fetch])))
    assert isinstance(node, WorkflowNode)
    assert (node.name, node.workflow_id, node.workflow_name) == ("run it", "inner-one", "Inner One")


def test_a_nested_workflow_without_a_name_has_an_id_that_two_workers_agree_on():
    [first], [second] = nodes(Workflow(steps=[fetch])), nodes(Workflow(steps=[fetch]))
    assert first.workflow_id == second.workflow_id


def test_a_nested_workflows_bare_steps_are_numbered_from_one_again():
    [_, node] = nodes(fetch, Workflow(name="inner", steps=[Agent()]))
    assert [step.name for step in node.steps] == ["step_1"]
