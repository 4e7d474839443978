"""The shape of a plan: where each node stands, and what of agno's settings it carries."""

import pytest
from agno.agent import Agent
from agno.db.in_memory import InMemoryDb
from agno.team import Team
from agno.workflow import (
    Condition,
    Loop,
    Parallel,
    Router,
    Step,
    StepOutput,
    Steps,
    Workflow,
)

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.plan import Call, ExecutorKind, Node, StepNode, walk


def fetch(step_input):
    return StepOutput(content="rows")


def deploy(step_input):
    return StepOutput(content="live")


def nodes(*steps, **settings) -> tuple[Node, ...]:
    return compile_workflow(Workflow(name="release", steps=list(steps), telemetry=False, **settings)).plan.steps


def outline(*steps) -> list[tuple[str, str, str | None]]:
    return [(node.path, node.KIND, node.name) for node in walk(nodes(*steps))]


def test_a_path_says_where_a_node_stands_and_in_which_branch():
    tree = Steps(
        name="all",
        steps=[
            Loop(name="poll", steps=[fetch]),
            Condition(name="green", steps=[deploy], else_steps=[fetch]),
            Parallel(fetch, deploy, name="both"),
            Router(name="pick", choices=[fetch, deploy]),
            Workflow(name="inner", steps=[deploy]),
        ],
    )
    assert outline(fetch, tree) == [
        ("0", "step", "fetch"),
        ("1", "steps", "all"),
        ("1/steps/0", "loop", "poll"),
        ("1/steps/0/loop/0", "step", "fetch"),
        ("1/steps/1", "condition", "green"),
        ("1/steps/1/if/0", "step", "deploy"),
        ("1/steps/1/else/0", "step", "fetch"),
        ("1/steps/2", "parallel", "both"),
        ("1/steps/2/parallel/0", "step", "fetch"),
        ("1/steps/2/parallel/1", "step", "deploy"),
        ("1/steps/3", "router", "pick"),
        ("1/steps/3/router/0", "step", "fetch"),
        ("1/steps/3/router/1", "step", "deploy"),
        ("1/steps/4", "workflow", "inner"),
        ("1/steps/4/workflow/0", "step", "deploy"),
    ]


def test_what_runs_a_leaf_is_a_function_an_agent_or_a_team():
    kinds = [node.executor for node in nodes(fetch, Agent(name="Writer"), Team(name="Desk", members=[]))]
    assert kinds == [ExecutorKind.FUNCTION, ExecutorKind.AGENT, ExecutorKind.TEAM]


def test_a_callable_object_runs_as_the_executor_of_a_step():
    class Deployer:
        def __call__(self, step_input):
            return "live"

    assert nodes(Step(name="deploy", executor=Deployer()))[0].executor is ExecutorKind.FUNCTION


def test_a_steps_own_retry_settings_are_in_the_plan():
    [node] = nodes(Step(name="deploy", executor=deploy, max_retries=7, skip_on_failure=True))
    assert (node.max_retries, node.skip_on_failure) == (7, True)


def test_a_top_level_step_with_history_stays_in_without_a_database_where_agno_drops_it():
    assert len(nodes(Step(name="write", agent=Agent(name="Writer"), add_workflow_history=True))) == 1


def test_a_steps_object_in_place_of_the_list_is_one_container():
    workflow = Workflow(name="release", steps=Steps(name="all", steps=[fetch, deploy]))
    paths = [(node.path, node.name) for node in walk(compile_workflow(workflow).plan.steps)]
    assert paths == [("0", "all"), ("0/steps/0", "fetch"), ("0/steps/1", "deploy")]


def test_a_workflow_without_steps_is_a_plan_without_steps():
    assert nodes() == ()


def test_the_workflows_own_settings_are_in_the_plan():
    workflow = Workflow(name="Data Pipeline", steps=[fetch], db=InMemoryDb(), store_executor_outputs=False)
    plan = compile_workflow(workflow).plan
    assert (plan.workflow_id, plan.workflow_name, plan.has_db) == ("data-pipeline", "Data Pipeline", True)
    assert plan.store_executor_outputs is False


@pytest.mark.parametrize(
    ("condition", "call"),
    [
        pytest.param(Condition(steps=[]), Call.ALWAYS, id="the-default"),
        pytest.param(Condition(steps=[], evaluator=False), Call.NEVER, id="false"),
        pytest.param(Condition(steps=[], evaluator='input.contains("x")'), Call.CEL, id="cel"),
        pytest.param(Condition(steps=[], evaluator=lambda step_input: True), Call.FUNCTION, id="function"),
    ],
)
def test_a_conditions_evaluator(condition, call):
    assert nodes(condition)[0].evaluator is call


def test_a_loops_and_a_routers_callables_are_marked_and_may_be_missing():
    cel = Loop(steps=[], end_condition="current_iteration >= 2"), Router(choices=[], selector="input")
    functions = Loop(steps=[], end_condition=bool), Router(choices=[], selector=lambda step_input: None)
    calls = [
        (loop.end_condition, router.selector)
        for loop, router in (nodes(*cel), nodes(*functions), nodes(Loop(steps=[]), Router(choices=[])))
    ]
    assert calls == [(Call.CEL,) * 2, (Call.FUNCTION,) * 2, (Call.NONE,) * 2]


def test_a_loops_limits_are_in_the_plan():
    [node] = nodes(Loop(steps=[fetch], max_iterations=0, forward_iteration_output=True))
    assert (node.max_iterations, node.forward_iteration_output) == (0, True)


def test_an_empty_parallel_is_accepted():
    assert nodes(Parallel(name="none"))[0].steps == ()


def test_only_a_leaf_has_an_executor():
    leaves = [node.path for node in walk(nodes(Loop(steps=[fetch]), deploy)) if isinstance(node, StepNode)]
    assert leaves == ["0/loop/0", "1"]
