"""What a step is given and what becomes of its output (docs/differences.md, "Data flow")."""

from __future__ import annotations

from typing import Any

from agno.media import Image
from agno.run import RunContext
from agno.run.base import RunStatus
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import StepInput, StepOutput

from tests.differential.answers import confirm, reject
from tests.differential.blocks import agent, fails, flow, says, tells, tells_all
from tests.differential.oracle import Oracle, Seen
from tests.support import Bench

ASKS = HumanReview(requires_confirmation=True)
REVIEWED = HumanReview(requires_output_review=True, on_reject="retry")


def image(name: str) -> Image:
    return Image(id=name, url=f"https://example.org/{name}.png")


def pictures(step_input: StepInput) -> str:
    return str([one.id for one in step_input.images or []])


def last_content(step_input: StepInput) -> str:
    return f"after {step_input.previous_step_content}"


async def test_the_newest_output_is_the_previous_one_whatever_its_name(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return flow(says("a", "one"), says("b", "two"), says("a", "three"), Step(name="c", executor=last_content))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.content == "after two"
    assert ours.last.content == "after three"


async def test_a_step_of_a_forwarded_iteration_sees_the_step_before_it(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        steps = [Step(name="a", executor=last_content), Step(name="b", executor=last_content)]
        return flow(Loop(name="l", steps=steps, max_iterations=2, forward_iteration_output=True))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.content == "after after after None"
    assert ours.last.content == "after after after after None"


async def test_what_a_run_was_given_survives_a_pause(oracle_with_db: Oracle) -> None:
    given = {"additional_data": {"a": 1}, "dependencies": {"d": 2}, "metadata": {"m": 3}}
    agno, ours = await oracle_with_db.ask(
        lambda: flow(says("gate", human_review=ASKS), tells_all("last")), "go", confirm, **given
    )
    assert "'additional': None" in agno.last.content
    assert "(None, None, None, None" in agno.last.content
    assert "'additional': {'a': 1}" in ours.last.content
    assert "({'d': 2}, {'m': 3}, 'subject', 'subject'" in ours.last.content


async def test_media_are_there_once_after_a_pause(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return flow(says("a", images=[image("a")]), says("gate", human_review=ASKS), Step(name="c", executor=pictures))

    agno, ours = await oracle_with_db.ask(make, "go", confirm, images=[image("in")])
    assert agno.last.content == "['in', 'a', 'a']"
    assert ours.last.content == "['in', 'a']"


async def test_media_of_a_rejected_attempt_are_gone(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return flow(says("a", images=[image("a")], human_review=REVIEWED), Step(name="c", executor=pictures))

    agno, ours = await oracle_with_db.ask(make, "go", reject(), confirm, images=[image("in")])
    assert ours.last.content == "['in', 'a']"
    assert agno.last.content != ours.last.content


async def test_a_runs_files_are_kept_over_a_pause(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(says("gate", human_review=ASKS)), "go", confirm)
    assert agno.last.files is None
    assert ours.last.files == []


async def test_media_of_a_nested_workflow_stay_in_it(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return flow(flow(says("a", images=[image("inner")]), id="inner"), Step(name="c", executor=pictures))

    agno, ours = await oracle_with_db.ask(make, "go", images=[image("in")])
    assert agno.last.content == "['in', 'inner']"
    assert ours.last.content == "['in']"


async def test_what_the_caller_passes_is_left_alone(bench: Bench) -> None:
    def make() -> Workflow:
        def write(step_input: StepInput, run_context: RunContext) -> StepOutput:
            run_context.session_state["n"] = 1
            return StepOutput(content="c", images=[image("a")])

        return flow(Step(name="a", executor=write))

    images, state = [image("in")], {}
    await make().arun("go", images=images, session_state=state)
    assert len(images) == 2
    assert "n" in state

    images, state = [image("in")], {}
    workflow = make()
    async with bench.worker(workflow):
        await bench.durable(workflow).arun("go", images=images, session_state=state)
    assert len(images) == 1
    assert state == {}


async def test_a_step_that_writes_into_its_input_changes_it_for_nobody_else(oracle_with_db: Oracle) -> None:
    def write(step_input: StepInput) -> str:
        step_input.additional_data["seen"] = True
        return "wrote"

    agno, ours = await oracle_with_db.ask(
        lambda: flow(Step(name="a", executor=write), tells("b")), "go", additional_data={"a": 1}
    )
    assert "'additional': {'a': 1, 'seen': True}" in agno.last.content
    assert "'additional': {'a': 1}" in ours.last.content


async def test_every_branch_of_a_parallel_has_an_input_of_its_own(oracle_with_db: Oracle) -> None:
    """agno's branches share one, in which the first step to run replaces a container's text by the content in it."""
    told: list[Any] = []

    def evaluator(step_input: StepInput) -> bool:
        told.append(step_input.previous_step_content)
        return True

    def make() -> Workflow:
        check = Condition(name="if", evaluator=evaluator, steps=[says("d")])
        return flow(Steps(name="s", steps=[says("a")]), Parallel(says("b"), check, name="p"))

    await oracle_with_db.ask(make)
    assert told == ["a says", "Steps s completed with 1 results"]


async def test_every_iteration_of_a_loop_has_an_input_of_its_own(oracle_with_db: Oracle) -> None:
    told: list[Any] = []

    def selector(step_input: StepInput) -> str:
        told.append(step_input.previous_step_content)
        return "x"

    def make() -> Workflow:
        router = Router(name="r", choices=[says("x")], selector=selector)
        return flow(Steps(name="s", steps=[says("a")]), Loop(name="l", steps=[router], max_iterations=2))

    await oracle_with_db.ask(make)
    assert told == ["Steps s completed with 1 results", "a says", *["Steps s completed with 1 results"] * 2]


async def test_an_end_condition_that_changes_what_it_is_shown_changes_no_output(oracle_with_db: Oracle) -> None:
    def ends(outputs: list[StepOutput]) -> bool:
        for output in outputs:
            output.content = "changed"
        return True

    def make() -> Workflow:
        return flow(Loop(name="l", steps=[says("a"), says("b")], max_iterations=2, end_condition=ends))

    agno, ours = await oracle_with_db.ask(make)
    assert [step.content for step in agno.last.step_results[0].steps] == ["changed", "changed"]
    assert [step.content for step in ours.last.step_results[0].steps] == ["a says", "b says"]


async def test_a_selector_that_returns_another_step_with_the_name_of_a_choice_takes_that(
    oracle_with_db: Oracle,
) -> None:
    def make() -> Workflow:
        other = says("a", "of another")
        return flow(Router(name="r", choices=[says("a")], selector=lambda step_input: other))

    agno, ours = await oracle_with_db.ask(make)
    assert (agno.last.content, ours.last.content) == ("of another", "a says")


async def test_an_answer_of_an_end_condition_that_is_neither_true_nor_false_does_not_end_its_loop(
    oracle_with_db: Oracle,
) -> None:
    class Neither:
        def __bool__(self) -> bool:
            raise ValueError("neither")

    def make() -> Workflow:
        return flow(Loop(name="l", steps=[says("a")], max_iterations=2, end_condition=lambda outputs: Neither()))

    agno, ours = await oracle_with_db.ask(make)
    assert "neither" in agno.raised
    assert len(ours.last.step_results[0].steps) == 2


async def test_a_selector_that_returns_no_choice_of_its_router_fails(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        stranger = says("stranger")
        return flow(Router(name="r", choices=[says("a")], selector=lambda step_input: stranger))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.content == "stranger says"
    assert ours.last.status == RunStatus.error
    assert "not one of its choices" in ours.raised


async def test_a_skipped_failure_is_known_by_its_steps_name_after_a_pause(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return flow(fails("a", skip_on_failure=True), says("gate", human_review=ASKS), Step(name="c", executor=finds))

    def finds(step_input: StepInput) -> str:
        return str(step_input.get_step_content("a"))

    agno, ours = await oracle_with_db.ask(make, "go", confirm)
    assert agno.last.content == "None"
    assert ours.last.content == "Step a failed but skipped"


async def test_a_step_with_history_runs_without_a_database_too(oracle_with_db: Oracle) -> None:
    step = {"executor": lambda step_input: "ran", "add_workflow_history": True}
    agno, ours = await oracle_with_db.ask(lambda: flow(says("a"), Step(name="b", **step)), db=False)
    assert [result.step_name for result in agno.last.step_results] == ["a"]
    assert [result.step_name for result in ours.last.step_results] == ["a", "b"]


async def test_a_steps_object_may_stand_for_the_list_of_steps(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return Workflow(name="w", steps=Steps(name="s", steps=[says("a")]))

    agno, ours = await oracle_with_db.ask(make, db=False)
    assert "not iterable" in agno.raised
    assert ours.last.content == "a says"


async def test_a_function_among_the_workflows_dependencies_is_called_by_each_agent(oracle: Oracle) -> None:
    def make() -> Workflow:
        numbers = iter(range(9))

        def show(step_input: StepInput, run_context: RunContext) -> str:
            number = (run_context.dependencies or {})["number"]
            return "a function" if callable(number) else str(number)

        agents = [agent(name, instructions="number {number}") for name in ("Ann", "Ben")]
        return flow(show, *agents, show, dependencies={"number": lambda: next(numbers)})

    def given(side: Seen) -> list[Any]:
        assert side.last is not None
        first, *_, last = side.last.step_results
        return [first.content, *(run.messages[0].content for run in side.last.step_executor_runs or ()), last.content]

    agno, ours = await oracle.ask(make, "go")
    assert given(agno) == ["a function", "number 0", "number 0", "0"]
    assert given(ours) == ["a function", "number 0", "number 1", "a function"]
