"""A workflow as a step: what goes in, what comes out, and what stays inside."""

from __future__ import annotations

from typing import Any

import pytest
from agno.media import Image
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import StepInput, StepOutput
from pydantic import BaseModel

from tests.differential.blocks import agent, fails, flow, says, sets, tells_all
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep

FAIL = HumanReview(on_error="fail")


def inner(*steps: Any, **options: Any) -> Workflow:
    return Workflow(name="inner", steps=[*steps], telemetry=False, **options)


async def test_its_input_is_the_last_content(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(says("first", "from first"), inner(tells_all("in")), tells_all("out")), "go")


async def test_its_input_is_the_runs_where_it_comes_first(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(inner(tells_all("in"), tells_all("next")), tells_all("out")), {"b": 1, "a": 2})


@pytest.mark.parametrize("content", ["", None, 0, {"title": "Bees"}, ["x"]], ids=repr)
async def test_its_input_after_a_content_that_is_no_text(oracle: Oracle, content: Any) -> None:
    def give(step_input: StepInput) -> StepOutput:
        return StepOutput(content=content)

    await oracle.agrees(lambda: flow(Step(name="first", executor=give), inner(tells_all("in")), tells_all("out")), "go")


async def test_its_input_after_a_container(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(Steps(name="s", steps=[says("a"), says("b")]), inner(tells_all("in")), tells_all()), "go"
    )


async def test_its_input_after_a_parallel(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(Parallel(says("a"), says("b"), name="p"), inner(tells_all("in"), agent()), tells_all()), "go"
    )


async def test_it_sees_no_additional_data_dependencies_or_metadata_of_the_run(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(tells_all("before"), inner(tells_all("in")), tells_all("out")),
        "go",
        additional_data={"a": 1},
        dependencies={"d": 1},
        metadata={"m": 1},
    )


async def test_it_has_dependencies_of_its_own(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(inner(tells_all("in"), dependencies={"own": 1}), tells_all("out")), "go", dependencies={"d": 1}
    )


async def test_it_shares_the_session_state(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(sets("a", one=1), inner(tells_all("in"), sets("b", two=2)), tells_all("out")),
        session_state={"zero": 0},
    )


async def test_its_default_state_fills_what_the_run_has_not(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            sets("a", shared="run"),
            inner(tells_all("in"), session_state={"own": {"deep": 1}, "shared": "inner"}),
            tells_all("out"),
        ),
        session_state={"own": {"other": 2}},
    )


async def test_its_media_reach_none_of_the_steps_behind_it(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            inner(says("a", images=[Image(id="i", url="https://example.org/i.png")]), tells_all("in")), tells_all("out")
        )
    )


async def test_the_runs_media_reach_its_steps(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(inner(tells_all("in")), tells_all("out")), images=[Image(id="i", url="https://example.org/i.png")]
    )


@pytest.mark.parametrize("options", [{}, {"max_retries": 0}], ids=["retried", "not retried"])
async def test_a_step_that_is_skipped_by_its_error_leaves_it_completed(oracle: Oracle, options: Any) -> None:
    await oracle.agrees(lambda: flow(Step(name="n", workflow=inner(says("a"), fails("b")), **options), tells_all()))


@pytest.mark.parametrize(
    "options",
    [{}, {"human_review": FAIL}, {"skip_on_failure": True}, {"human_review": FAIL, "skip_on_failure": True}],
    ids=["skip", "fail", "skip on failure", "fail, skip on failure"],
)
async def test_a_step_that_fails_it_is_its_parents_affair(oracle: Oracle, options: Any) -> None:
    await oracle.agrees(
        lambda: flow(
            Step(
                name="n", workflow=inner(says("a"), fails("b", human_review=FAIL), says("c")), max_retries=0, **options
            ),
            tells_all(),
        )
    )


async def test_a_workflow_in_a_workflow_in_a_workflow(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            says("first"),
            inner(
                tells_all("one"),
                Workflow(name="third", steps=[tells_all("two"), agent("Ann"), says("stop", stop=True), says("never")]),
                tells_all("three"),
            ),
            tells_all("four"),
        ),
        "go",
    )


async def test_it_runs_in_a_loop_and_a_parallel(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            Loop(name="l", steps=[Parallel(inner(tells_all("a")), tells_all("b"), name="p")], max_iterations=2),
            tells_all(),
        ),
        "go",
    )


async def test_it_keeps_its_executors_runs_unless_told_otherwise(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(inner(agent("Ann")), agent("Ben"), tells_all()), "go")


async def test_it_has_a_user_and_a_session(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(inner(tells_all("in")), tells_all("out")), user_id="ana", session_id="s-7")


async def test_it_has_metadata_of_its_own(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(inner(tells_all("in"), metadata={"own": {"b": 1, "a": 2}}), metadata={"outer": 1}),
        metadata={"run": 1},
    )


async def test_it_is_shown_with_the_media_that_it_was_given(oracle: Oracle) -> None:
    drawn = Image(id="i", url="https://example.org/i.png")
    given = Image(id="g", url="https://example.org/g.png")
    await oracle.agrees(
        lambda: flow(
            says("before", images=[Image(id="b", url="https://example.org/b.png")]),
            Loop(name="l", steps=[inner(tells_all("in")), says("a", images=[drawn])], max_iterations=2),
            Parallel(Steps(name="s", steps=[says("c", images=[drawn]), inner(tells_all("in"))]), inner(says("d"))),
        ),
        images=[given],
    )


class Topic(BaseModel):
    title: str


REFUSING = {
    "steps": lambda: inner(says("in"), input_schema=Topic),
    "no step that runs": lambda: inner(Condition(name="c", evaluator=False, steps=[says("in")]), input_schema=Topic),
    "a gate": lambda: inner(says("in", human_review=HumanReview(requires_confirmation=True)), input_schema=Topic),
    "a step that may fail": lambda: inner(Step(name="in", executor=str, skip_on_failure=True), input_schema=Topic),
}


@pytest.mark.parametrize("make", REFUSING.values(), ids=REFUSING)
@pytest.mark.parametrize("on_error", ["skip", "fail"])
async def test_an_input_that_does_not_fit_is_the_failure_of_its_step(oracle: Oracle, make: Any, on_error: Any) -> None:
    """Before anything in it runs, or asks."""

    def nested() -> Step:
        return Step(name="n", workflow=make(), max_retries=0, human_review=HumanReview(on_error=on_error))

    await oracle.agrees(lambda: flow(says("first", "no topic"), nested(), tells_all("after")), "go")


@pytest.mark.parametrize(
    "put", [lambda nested: Router(name="r", choices=[nested]), lambda nested: Steps(steps=[nested])]
)
async def test_so_it_is_in_a_container(oracle: Oracle, put: Any) -> None:
    def nested() -> Step:
        return Step(name="n", workflow=inner(says("in"), input_schema=Topic), max_retries=0)

    await oracle.agrees(lambda: flow(says("first", "no topic"), put(nested()), tells_all("after")), "go")


async def test_one_that_may_fail_is_skipped(oracle: Oracle) -> None:
    def nested() -> Step:
        return Step(name="n", workflow=inner(says("in"), input_schema=Topic), max_retries=0, skip_on_failure=True)

    await oracle.agrees(lambda: flow(says("first", "no topic"), nested(), tells_all("after")), "go")


async def test_an_input_that_fits_goes_in(oracle: Oracle) -> None:
    bees = Topic(title="Bees")
    await oracle.agrees(lambda: flow(says("first", bees), inner(tells_all("in"), input_schema=Topic)), "go")
