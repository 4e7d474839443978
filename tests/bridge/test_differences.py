"""What is said of two plans of one id: where they differ, the first few places, in the order of the steps."""

from __future__ import annotations

import pytest
from agno.workflow import Condition, HumanReview, Loop, Parallel, Step, Workflow

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.agno_bridge.differences import differences
from agno_temporal.plan import Plan, StepOptions


def step(name: str, **settings: object) -> Step:
    return Step(name=name, executor=print, **settings)  # type: ignore[arg-type]


def plan(*steps: object, **options: StepOptions) -> Plan:
    return compile_workflow(Workflow(name="w", steps=list(steps)), step_options=options).plan


def gate(**rules: object) -> HumanReview:
    return HumanReview(requires_confirmation=True, **rules)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        pytest.param(plan(step("a")), plan(step("b")), 'step \'0\' ("b") was the step "a"', id="renamed"),
        pytest.param(
            plan(step("a")),
            plan(Loop(name="a", steps=[step("in")])),
            'step \'0\' ("a") was the step "a", step \'0/loop/0\' ("in") is new',
            id="of-another-kind",
        ),
        pytest.param(plan(step("a"), step("b")), plan(step("a")), "step '1' (\"b\") is gone", id="taken-away"),
        pytest.param(
            plan(step("a")),
            plan(step("a", human_review=gate(timeout=60, on_timeout="skip"))),
            "`requires_confirmation` and `timeout` and `on_timeout` of step '0' (\"a\")",
            id="a-gate",
        ),
        pytest.param(
            plan(step("a")), plan(step("a"), a=StepOptions(quick=True)), "`quick` of step '0' (\"a\")", id="an-option"
        ),
        pytest.param(
            plan(Condition(name="c", evaluator=True, steps=[step("a")])),
            plan(Condition(name="c", evaluator=True, steps=[step("a")], else_steps=[step("b")])),
            "step '0/else/0' (\"b\") is new",
            id="in-a-container",
        ),
    ],
)
def test_it_names_the_place_and_what_is_other_there(then: Plan, now: Plan, said: str) -> None:
    assert differences(then, now) == said


def test_of_many_it_names_the_first_and_counts_the_others() -> None:
    then, now = plan(*map(step, "abcde")), plan(step("first"), *map(step, "abcde"))
    assert differences(then, now).endswith('step \'2\' ("b") was the step "c", and 3 more')


def test_of_a_tree_that_is_the_same_it_names_the_workflow_s_own() -> None:
    parallel = Parallel(step("a"), step("b"), name="p")
    then, now = Workflow(name="w", steps=[parallel]), Workflow(name="w", steps=[parallel], store_executor_outputs=False)
    assert differences(compile_workflow(then).plan, compile_workflow(now).plan) == "its `store_executor_outputs`"
