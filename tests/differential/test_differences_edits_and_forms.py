"""Edited outputs and filled-in forms (docs/differences.md, "Edits" and "Forms")."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.types import StepInput, UserInputField

from agno_temporal import DecisionRefused, PlanError
from agno_temporal.hitl import RefusalCode
from tests.differential.answers import confirm, edit, fill_in, in_turn, reject
from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle
from tests.support import Bench

REVIEWED = HumanReview(requires_output_review=True, on_reject="retry")
FORM = [{"name": "threshold", "field_type": "float"}, {"name": "mode", "field_type": "str"}]


def contents(results: Any) -> list[Any]:
    return [result.content for result in results]


async def test_an_edit_is_of_one_output_and_not_of_those_that_follow(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(says("a", human_review=REVIEWED), says("b", human_review=REVIEWED)), "go", edit("mine"), confirm
    )
    assert contents(agno.last.step_results) == ["mine", "mine"]
    assert contents(ours.last.step_results) == ["mine", "b says"]


async def test_a_second_edit_counts_too(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(says("a", human_review=REVIEWED), says("b", human_review=REVIEWED)), "go", edit("one"), edit("two")
    )
    assert contents(agno.last.step_results) == ["one", "one"]
    assert contents(ours.last.step_results) == ["one", "two"]


async def test_an_edit_before_the_step_is_refused(bench: Bench) -> None:
    review = HumanReview(requires_confirmation=True)
    plain = flow(says("a"), says("b", human_review=review), db=InMemoryDb())
    run = await plain.arun("go")
    run.step_requirements[0].edit("mine")
    assert contents((await plain.acontinue_run(run)).step_results) == ["mine", "b says"]

    workflow = flow(says("a"), says("b", human_review=review))
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("go")
        run.step_requirements[0].edit("mine")
        with pytest.raises(DecisionRefused) as refused:
            await bench.durable(workflow).acontinue_run(run)
    assert refused.value.code == RefusalCode.ACTION_NOT_ALLOWED


async def test_an_edit_of_a_nested_workflows_output_reaches_what_follows(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        inner = flow(says("x"), says("y"), id="inner")
        return flow(Step(name="n", workflow=inner, human_review=REVIEWED), agent("Ann"), tells())

    agno, ours = await oracle_with_db.ask(make, "go", edit("mine"))
    assert agno.last.step_results[1].content == "Ann (y says)"
    assert ours.last.step_results[1].content == "Ann (mine)"


async def test_a_rejection_takes_an_edit_back(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(says("a", human_review=REVIEWED), says("b")), "go", in_turn(edit("mine"), reject("no")), confirm
    )
    assert contents(agno.last.step_results) == ["mine", "b says"]
    assert contents(ours.last.step_results) == ["a says", "b says"]


def asks_for_a_number() -> HumanReview:
    return HumanReview(requires_user_input=True, user_input_schema=[UserInputField(name="n", field_type="int")])


async def test_a_form_of_field_objects_starts_empty_in_every_run(bench: Bench) -> None:
    plain = flow(tells("a", human_review=asks_for_a_number()), db=InMemoryDb())
    (await plain.arun("one")).step_requirements[0].set_user_input(n=3)
    assert (await plain.arun("two")).step_requirements[0].needs_user_input is False

    workflow = flow(tells("a", human_review=asks_for_a_number()))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        (await durable.arun("one")).step_requirements[0].set_user_input(n=3)
        assert (await durable.arun("two")).step_requirements[0].needs_user_input is True


async def test_a_value_that_is_refused_is_not_used(bench: Bench) -> None:
    def wrong(run: WorkflowRunOutput) -> WorkflowRunOutput:
        with pytest.raises(ValueError, match="expected int"):
            run.step_requirements[0].set_user_input(n="three")
        return run

    plain = flow(tells("a", human_review=asks_for_a_number()), db=InMemoryDb())
    run = await plain.acontinue_run(wrong(await plain.arun("go")))
    assert "'n': 'three'" in run.content

    workflow = flow(tells("a", human_review=asks_for_a_number()))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = wrong(await durable.arun("go"))
        with pytest.raises(DecisionRefused, match="n"):
            await durable.acontinue_run(run)


async def test_what_was_filled_in_is_there_for_the_retry(oracle_with_db: Oracle) -> None:
    def given(step_input: StepInput) -> str:
        return str(step_input.additional_data.get("user_input"))

    review = HumanReview(
        requires_user_input=True, user_input_schema=FORM, requires_output_review=True, on_reject="retry"
    )
    agno, ours = await oracle_with_db.ask(
        lambda: flow(Step(name="a", executor=given, human_review=review)),
        "go",
        fill_in(threshold=0.5, mode="x"),
        reject("no"),
        confirm,
    )
    assert agno.last.content == "None"
    assert ours.last.content == "{'threshold': 0.5, 'mode': 'x'}"


async def test_the_values_of_a_rejected_form_go_nowhere(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True, requires_user_input=True, user_input_schema=FORM)
    agno, ours = await oracle_with_db.ask(
        lambda: flow(tells("a", human_review=review), tells("next")),
        "go",
        in_turn(fill_in(threshold=0.5, mode="x"), reject("no")),
    )
    assert "'user_input'" in agno.last.content
    assert "'user_input'" not in ours.last.content


async def test_values_come_in_the_order_of_the_form(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_user_input=True, user_input_schema=FORM)
    agno, ours = await oracle_with_db.ask(
        lambda: flow(Step(name="a", agent=agent(), human_review=review)), "go", fill_in(mode="x", threshold=0.5)
    )
    assert agno.last.content == "Ann (go) with mode: x, threshold: 0.5"
    assert ours.last.content == "Ann (go) with threshold: 0.5, mode: x"


async def test_without_a_form_values_come_in_alphabetical_order(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_user_input=True)
    agno, ours = await oracle_with_db.ask(
        lambda: flow(Step(name="a", agent=agent(), human_review=review)), "go", fill_in(b=1, a=2)
    )
    assert agno.last.content == "Ann (go) with b: 1, a: 2"
    assert ours.last.content == "Ann (go) with a: 2, b: 1"


async def test_a_default_is_shown_and_is_no_answer(oracle_with_db: Oracle) -> None:
    field = UserInputField(name="n", field_type="int", value=3)
    review = HumanReview(requires_user_input=True, user_input_schema=[field])
    agno, ours = await oracle_with_db.ask(lambda: flow(tells("a", human_review=review)))
    assert agno.last.step_requirements[0].needs_user_input is False
    assert ours.last.step_requirements[0].needs_user_input is True
    assert ours.last.step_requirements[0].user_input_schema[0].description == "(default: 3)"


async def test_what_is_filled_in_for_a_nested_workflow_reaches_its_steps(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        review = HumanReview(requires_user_input=True, user_input_schema=FORM)
        return flow(Step(name="n", workflow=flow(tells("a"), id="inner"), human_review=review))

    agno, ours = await oracle_with_db.ask(make, "go", fill_in(threshold=0.5, mode="x"))
    assert "'additional': None" in agno.last.content
    assert "'additional': {'user_input': {'threshold': 0.5, 'mode': 'x'}}" in ours.last.content


async def test_what_is_said_against_a_nested_workflows_output_reaches_its_steps(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return flow(Step(name="n", workflow=flow(tells("a"), id="inner"), human_review=REVIEWED))

    agno, ours = await oracle_with_db.ask(make, "go", reject("too short"), confirm)
    assert "'additional': None" in agno.last.content
    assert "'rejection_feedback': 'too short'" in ours.last.content


def form_of(field: dict[str, Any]) -> Workflow:
    review = HumanReview(requires_user_input=True, user_input_schema=[{"required": False, **field}])
    return flow(says("a", human_review=review), db=InMemoryDb(), telemetry=False)


async def sent(workflow: Workflow, **values: Any) -> Any:
    """What becomes of a run whose form is sent with these values, or is left alone where there are none."""
    run = await workflow.arun("go", session_id="s")
    if values:
        run.step_requirements[0].set_user_input(**values)
    return (await workflow.acontinue_run(run)).content


async def test_a_form_that_nobody_has_filled_in_waits(bench: Bench) -> None:
    """agno goes on, where none of its fields is required."""
    assert await sent(form_of({"name": "mode", "field_type": "str"})) == "a says"
    workflow = form_of({"name": "mode", "field_type": "str"})
    async with bench.worker(workflow):
        with pytest.raises(ValueError, match="Decide one of them first"):
            await sent(bench.durable(workflow))


async def test_an_optional_form_may_be_sent_empty(oracle_with_db: Oracle) -> None:
    seen = await oracle_with_db.agrees(lambda: form_of({"name": "mode", "field_type": "str"}), "go", fill_in())
    assert seen.last.content == "a says"


async def test_a_value_for_no_field_of_the_form_is_refused(bench: Bench) -> None:
    assert await sent(form_of({"name": "mode", "field_type": "str"}), pace="slow") == "a says"
    workflow = form_of({"name": "mode", "field_type": "str"})
    async with bench.worker(workflow):
        with pytest.raises(DecisionRefused, match="pace: is not a field of this form"):
            await sent(bench.durable(workflow), pace="slow")


@pytest.mark.parametrize(
    "wrong", [{"label": "How?"}, {"options": ["fast"]}, {"field_type": None}, {"field_type": str}, {"value": 5}]
)
async def test_a_field_that_agno_would_take_in_part_is_refused(bench: Bench, wrong: dict[str, Any]) -> None:
    form = {"name": "mode", "field_type": "str", **wrong}
    assert await sent(form_of(form), mode="fast") == "a says"
    with pytest.raises(PlanError, match="user_input_schema field"):
        bench.durable(form_of(form))


async def test_a_value_of_a_list_or_dict_field_is_of_its_type(bench: Bench) -> None:
    form = {"name": "mode", "field_type": "dict"}
    assert await sent(form_of(form), mode=date(2024, 5, 1)) == "a says"
    workflow = form_of(form)
    async with bench.worker(workflow):
        with pytest.raises(DecisionRefused, match="mode: expected dict, got date"):
            await sent(bench.durable(workflow), mode=date(2024, 5, 1))
