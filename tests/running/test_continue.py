"""Continuing a run with agno's objects: lost ones, changed ones, and such that decide nothing.

agno believes the run object that it is handed: without requirements, or with its gate switched off, the gated step runs
unasked (agno-semantics D26). Here it is only where the answers are read from.
"""

from __future__ import annotations

import json

import pytest
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput

from agno_temporal.client import RunNotFound
from tests.running.scenes import FORM, scene
from tests.support import Bench

CONFIRM = {"requires_confirmation": True}


async def test_a_run_whose_object_was_lost_is_continued_by_its_id(bench: Bench) -> None:
    at = scene(**CONFIRM)
    async with bench.worker(at.workflow):
        run_id = (await bench.durable(at.workflow).arun("x")).run_id
        durable = bench.durable(at.workflow)
        requirements = (await durable.aget_run_output(run_id)).step_requirements
        requirements[0].confirm()
        run = await durable.acontinue_run(run_id=run_id, step_requirements=requirements)

    assert (run.status, at.ran) == (RunStatus.completed, ["before", "gate", "after"])


async def test_a_run_object_that_was_stored_as_json_can_be_continued(bench: Bench) -> None:
    at = scene(**CONFIRM)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        stored = json.loads(json.dumps((await durable.arun("x")).to_dict()))
        run = WorkflowRunOutput.from_dict(stored)
        run.steps_requiring_confirmation[0].confirm()
        assert (await durable.acontinue_run(run)).status == RunStatus.completed


async def test_nothing_decided_is_an_error_that_names_what_waits(bench: Bench) -> None:
    at = scene(**CONFIRM)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        with pytest.raises(ValueError, match="gate"):
            await durable.acontinue_run(run)


async def test_an_empty_list_of_requirements_passes_no_gate(bench: Bench) -> None:
    at = scene(**CONFIRM)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        with pytest.raises(ValueError, match="unresolved"):
            await durable.acontinue_run(run, step_requirements=[])

    assert at.ran == ["before"]


async def test_what_a_client_changes_on_the_rules_of_its_gate_is_not_read(bench: Bench) -> None:
    at = scene(**CONFIRM, on_reject="cancel")
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        [requirement] = run.step_requirements
        requirement.on_reject, requirement.max_retries, requirement.requires_output_review = "skip", 99, True
        requirement.reject()
        run = await durable.acontinue_run(run)

    assert run.status == RunStatus.cancelled


async def test_switching_a_gate_off_does_not_pass_it(bench: Bench) -> None:
    at = scene(**CONFIRM)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        run.step_requirements[0].requires_confirmation = False
        with pytest.raises(ValueError, match="unresolved"):
            await durable.acontinue_run(run)

    assert at.ran == ["before"]


async def test_half_an_answer_is_an_error_and_decides_nothing(bench: Bench) -> None:
    at = scene(**CONFIRM, requires_user_input=True, user_input_schema=FORM)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        run.step_requirements[0].confirm()
        with pytest.raises(ValueError, match="region"):
            await durable.acontinue_run(run)
        assert (await durable.aget_run_output(run.run_id)).is_paused


async def test_a_run_that_does_not_exist_is_not_continued(bench: Bench) -> None:
    at = scene()
    async with bench.worker(at.workflow):
        with pytest.raises(RunNotFound, match="no-such-run"):
            await bench.durable(at.workflow).acontinue_run(run_id="no-such-run", step_requirements=[])


async def test_neither_a_run_nor_its_id_is_an_error(bench: Bench) -> None:
    with pytest.raises(ValueError, match="run_id"):
        await bench.durable(scene().workflow).acontinue_run()


async def test_an_option_that_agno_has_not_is_refused_too(bench: Bench) -> None:
    with pytest.raises(TypeError, match="no_such_option"):
        await bench.durable(scene().workflow).acontinue_run(run_id="x", no_such_option=1)
