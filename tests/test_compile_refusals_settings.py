"""Refused: settings of steps and containers that agno stores unseen, and trees without an end."""

import pytest
from agno.workflow import (
    Condition,
    Loop,
    Router,
    Step,
    Steps,
    Workflow,
    cel,
)
from agno.workflow.step import _MAX_NESTED_WORKFLOW_DEPTH, _unresolvable_callable_placeholder

from agno_temporal.agno_bridge.compile import PlanError, compile_workflow


def fetch(step_input):
    return "rows"


def refused(workflow) -> PlanError:
    with pytest.raises(PlanError) as error:
        compile_workflow(workflow)
    return error.value


def refusal(*steps, **settings) -> str:
    return str(refused(Workflow(name="release", steps=list(steps), **settings)))


def test_an_executor_that_cannot_be_called_is_refused():
    assert '"fetch" cannot be run.' in refusal(Step(name="fetch", executor="fetch"))


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(Step.from_dict({"name": "lost", "executor_ref": "gone"}), id="executor"),
        pytest.param(Condition(steps=[], evaluator=_unresolvable_callable_placeholder("x", "gone")), id="evaluator"),
        pytest.param(Router(choices=[], selector=_unresolvable_callable_placeholder("x", "gone")), id="selector"),
    ],
)
def test_what_the_registry_did_not_have_is_refused(entry):
    assert "gone was not in the registry when this workflow was loaded." in refusal(entry)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (Condition(steps=[], evaluator=3), "evaluator=3 is neither a function nor a CEL expression."),
        (Loop(steps=[], end_condition=True), "end_condition=True is neither a function nor a CEL expression."),
        (Router(choices=[], selector=["a"]), "selector=['a'] is neither a function nor a CEL expression."),
        (Condition(steps=[], evaluator="input =="), 'evaluator="input ==" is not a valid CEL expression.'),
        (Loop(steps=[], max_iterations=-1), "max_iterations=-1 is not a whole number from 0."),
        (Loop(steps=[], max_iterations=True), "max_iterations=True is not a whole number from 0."),
        (Loop(steps=fetch), "steps=fetch is not a list of steps. Pass a list."),
        (Condition(steps=[], else_steps=fetch), "else_steps=fetch is not a list of steps. Pass a list."),
        (Step(name="a", executor=fetch, max_retries=-1), "Step.max_retries=-1 is not a whole number from 0."),
        (Step(name="a", executor=fetch, skip_on_failure="no"), 'skip_on_failure="no" is neither True nor False.'),
        (Step(name="a", executor=fetch, step_id=7), "step_id=7 is not a string."),
        (Steps(name=7, steps=[]), "name=7 is not a string."),
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused(entry, message):
    assert message in refusal(entry)


def test_a_cel_expression_without_the_library_is_refused(monkeypatch):
    monkeypatch.setattr(cel, "CEL_AVAILABLE", False)
    assert refusal(Loop(name="poll", steps=[fetch], end_condition="all_success")) == (
        """workflow 'release' step '0' ("poll"): end_condition="all_success" is a CEL expression, """
        "and cel-python is not installed. Install agno-temporal[cel]."
    )


def test_a_workflow_that_contains_itself_is_refused():
    workflow = Workflow(name="release", steps=[fetch])
    workflow.steps.append(Loop(steps=[workflow]))
    assert str(refused(workflow)) == (
        """workflow 'release' step '1/loop/0' ("release"): workflow "release" contains itself. """
        "Use a Loop to repeat steps."
    )


def test_a_container_that_contains_itself_is_refused():
    loop = Loop(name="poll", steps=[])
    loop.steps.append(Steps(steps=[loop]))
    assert """step '0/loop/0/steps/0' ("poll"): it contains itself.""" in refusal(loop)


def nested(depth: int) -> Workflow:
    workflow = Workflow(name="leaf", steps=[fetch])
    for level in range(depth):
        workflow = Workflow(name=f"level {level}", steps=[workflow])
    return workflow


def test_workflows_nest_as_deep_as_in_agno():
    compile_workflow(nested(_MAX_NESTED_WORKFLOW_DEPTH))
    assert "nested more than 10 deep" in str(refused(nested(_MAX_NESTED_WORKFLOW_DEPTH + 1)))


def test_retries_of_a_whole_nested_workflow_are_refused():
    step = Step(name="inner", workflow=Workflow(name="inner", steps=[fetch]), max_retries=5)
    assert "max_retries=5 on a nested workflow would run all of it again" in refusal(step)
