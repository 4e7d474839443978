"""The live objects behind a plan: copies that Temporal retries, while the user's own stay as they were written."""

import copy

from agno.agent import Agent
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Steps, Workflow

from agno_temporal.agno_bridge.compile import Compiled, compile_workflow
from agno_temporal.agno_bridge.live import LiveCondition, LiveLoop, LiveRouter, LiveStep
from agno_temporal.plan import walk


def fetch(step_input):
    return "rows"


def deploy(step_input):
    return "live"


def compiled(*steps) -> Compiled:
    return compile_workflow(Workflow(name="release", steps=list(steps), telemetry=False))


def test_a_live_step_tries_once_and_has_the_plans_id():
    step = Step(name="deploy", executor=deploy, max_retries=5, skip_on_failure=True)
    result = compiled(step)
    live = result.live["0"].step
    assert (live.max_retries, live.skip_on_failure, live.step_id) == (0, False, result.plan.steps[0].step_id)
    assert live.executor is deploy


def test_the_users_step_keeps_its_own_settings():
    step = Step(name="deploy", executor=deploy, max_retries=5, skip_on_failure=True)
    before = copy.copy(step)
    compiled(step)
    assert vars(step) == vars(before)


def test_no_object_of_the_user_is_changed_at_any_depth():
    def build():
        router = Router(name="pick", choices=[fetch, [deploy]])
        inner = Workflow(name="inner", steps=[fetch, Agent(name="Writer")])
        containers = [Loop(steps=[fetch]), Condition(steps=[fetch], else_steps=[deploy]), Parallel(fetch), router]
        return [*containers, Steps(steps=[fetch]), inner, Workflow(name="release", steps=[*containers, inner])]

    objects = build()
    before = [dict(vars(item)) for item in objects]
    lists = [list(item.choices if isinstance(item, Router) else item.steps) for item in objects]
    compile_workflow(objects[-1])
    assert [dict(vars(item)) for item in objects] == before
    assert [list(item.choices if isinstance(item, Router) else item.steps) for item in objects] == lists


def test_a_step_belongs_to_the_innermost_workflow():
    inner = Workflow(name="inner", steps=[Loop(steps=[fetch])])
    root = Workflow(name="release", steps=[fetch, inner])
    live = compile_workflow(root).live
    assert live["0"].owner is root
    assert live["1"].owner is root
    assert live["1/workflow/0"].owner is inner
    assert live["1/workflow/0/loop/0"].owner is inner


def test_the_step_around_a_nested_workflow_is_live_for_its_review():
    review = HumanReview(requires_output_review=lambda output: True)
    result = compiled(Step(name="inner", workflow=Workflow(name="inner", steps=[fetch]), human_review=review))
    assert result.live["0"].step.human_review is review


def test_every_node_that_calls_user_code_is_live():
    result = compiled(
        Steps(steps=[Loop(steps=[fetch]), Condition(steps=[fetch]), Router(choices=[fetch])]), Parallel(fetch)
    )
    assert {path: type(live) for path, live in result.live.items()} == {
        "0/steps/0": LiveLoop,
        "0/steps/0/loop/0": LiveStep,
        "0/steps/1": LiveCondition,
        "0/steps/1/if/0": LiveStep,
        "0/steps/2": LiveRouter,
        "0/steps/2/router/0": LiveStep,
        "1/parallel/0": LiveStep,
    }
    assert result.live.keys() <= {node.path for node in walk(result.plan.steps)}


def test_containers_keep_the_users_callables():
    def is_green(step_input):
        return True

    result = compiled(Condition(steps=[fetch], evaluator=is_green), Loop(steps=[fetch], end_condition=bool))
    assert result.live["0"].condition.evaluator is is_green
    assert result.live["1"].loop.end_condition is bool


def test_a_live_router_is_prepared_as_agno_prepares_it():
    choices = [fetch, Step(name="deploy", executor=deploy), [fetch], Agent(name="Writer")]
    in_agno = Router(name="pick", choices=choices)
    in_agno._prepare_steps()
    live = compiled(Router(name="pick", choices=choices)).live["0"].router
    assert [(type(step), step.name) for step in live.steps] == [(type(step), step.name) for step in in_agno.steps]
    assert list(live._step_name_map) == list(in_agno._step_name_map)


def test_a_step_that_a_selector_returns_is_found_among_the_choices():
    steps = [Step(name="deploy", executor=deploy), Steps(name="rollback", steps=[fetch])]
    live = compiled(Router(name="pick", choices=[fetch, *steps])).live["0"]
    assert [live.index_of(step) for step in steps] == [1, 2]
    assert live.index_of(live.router._step_name_map["fetch"]) == 0
    assert live.index_of(Step(name="deploy", executor=deploy)) is None


def test_a_step_used_in_two_places_is_two_live_steps():
    step = Step(name="fetch", executor=fetch)
    result = compiled(step, Loop(steps=[step]))
    first, second = result.live["0"].step, result.live["1/loop/0"].step
    assert first.step_id != second.step_id


def test_the_workflow_that_was_passed_is_kept():
    workflow = Workflow(name="release", steps=[fetch])
    assert compile_workflow(workflow).workflow is workflow


async def test_a_live_step_runs_in_agno():
    from agno.workflow import StepInput

    live = compiled(Step(name="deploy", executor=deploy)).live["0"].step
    output = await live.aexecute(StepInput(input="now"))
    assert (output.step_name, output.step_id, output.content) == ("deploy", live.step_id, "live")
