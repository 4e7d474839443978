"""Step ids: what agno draws at random comes from the workflow's id and the step's place; what a person chose stays."""

from uuid import UUID

import pytest
from agno.workflow import Condition, Loop, Step, Workflow

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.plan import walk


def fetch(step_input):
    return "rows"


def ids(*steps, name="release") -> dict[str, str]:
    plan = compile_workflow(Workflow(name=name, steps=list(steps))).plan
    return {node.path: node.step_id for node in walk(plan.steps)}


def test_two_workers_that_build_the_same_workflow_agree_on_every_id():
    def build():
        return ids(fetch, Step(name="deploy", executor=fetch), Loop(steps=[Condition(steps=[fetch])]))

    assert build() == build()


def test_derived_ids_are_uuids_and_differ_between_places():
    found = ids(fetch, fetch, Loop(steps=[fetch]), Condition(steps=[fetch], else_steps=[fetch]))
    assert len(set(found.values())) == len(found)
    assert {UUID(step_id).version for step_id in found.values()} == {5}


def test_a_derived_id_is_persisted_data():
    assert ids(fetch) == {"0": "713f89d8-085e-5c44-9f01-e28f5a5b5177"}


def test_the_same_place_in_another_workflow_has_another_id():
    assert ids(fetch)["0"] != ids(fetch, name="rollback")["0"]


def test_a_step_in_a_nested_workflow_has_an_id_of_the_run_that_it_is_part_of():
    inner = Workflow(name="inner", steps=[fetch])
    assert ids(inner)["0/workflow/0"] != ids(fetch, name="inner")["0"]


@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param("deploy-prod", id="a-word"),
        pytest.param("2c1743a3-91b5-11f0-8de9-0242ac120002", id="a-uuid-of-another-version"),
        pytest.param("26d40e8585e8482e939ebef3f0df205d", id="a-uuid-as-hex"),
        pytest.param("26D40E85-8E82-439E-BEF3-F0DF205D9C44", id="a-uuid-in-capitals"),
    ],
)
def test_an_id_that_a_person_chose_is_kept(chosen):
    assert ids(Step(name="deploy", executor=fetch, step_id=chosen)) == {"0": chosen}


def test_an_id_that_agno_drew_is_replaced_even_if_it_was_copied():
    drawn = Step(name="deploy", executor=fetch).step_id
    assert ids(Step(name="deploy", executor=fetch, step_id=drawn)) == ids(Step(name="deploy", executor=fetch))


def test_a_nested_workflow_step_keeps_a_chosen_id_too():
    inner = Workflow(name="inner", steps=[fetch])
    assert ids(Step(name="inner", workflow=inner, step_id="inner-1"))["0"] == "inner-1"
