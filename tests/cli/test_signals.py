"""``--signal``: a decision that is kept although no worker is up to take it."""

from __future__ import annotations

from datetime import timedelta

from agno.workflow import Workflow

from agno_temporal.client import OutcomeUnknown
from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench, eventually


async def waiting_without_a_worker(bench: Bench, workflow) -> tuple[str, str]:
    """A run and its open requirement, after the worker has gone."""
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        [asked] = await bench.paused(run_id)
    return run_id, asked.requirement.id


async def test_a_decision_that_was_left_is_taken_when_a_worker_comes(cli: Cli, bench: Bench):
    workflow = scenes.gated()
    run_id, requirement_id = await waiting_without_a_worker(bench, workflow)
    assert "Left for run" in await cli.ok("confirm", run_id, requirement_id, "--signal")
    async with bench.worker(workflow):
        run = await bench.ended(run_id)
    assert run.asked[0].resolution.decision.decided_by == "ana"


async def test_values_get_their_types_from_the_plan_in_the_history(cli: Cli, bench: Bench, monkeypatch):
    monkeypatch.setattr("agno_temporal.client.reach.ANSWER_TIMEOUT", timedelta(seconds=0.3))
    workflow = scenes.form()
    run_id, requirement_id = await waiting_without_a_worker(bench, workflow)
    await cli.ok("input", run_id, requirement_id, "--value", "percent=10", "--signal")
    async with bench.worker(workflow):
        run = await bench.ended(run_id)
    assert run.asked[0].resolution.decision.values == {"percent": 10}


def two_forms() -> Workflow:
    """Two forms whose field has one name, and another type in each."""
    forms = [[{"name": "note", "field_type": field_type}] for field_type in ("str", "int")]
    steps = [scenes.step(form[0]["field_type"], requires_user_input=True, user_input_schema=form) for form in forms]
    return Workflow(name="two-forms", steps=steps)


async def test_a_value_gets_its_type_from_the_form_that_is_meant(cli: Cli, bench: Bench):
    async with bench.worker(two_forms()):
        run_id = await bench.start(two_forms(), "v2")
        for _ in range(2):
            [asked] = await bench.paused(run_id)
            await cli.ok("input", run_id, asked.requirement.id, "--value", "note=10", "--signal")
            await taken(bench, run_id, asked.requirement.id)
        run = await bench.ended(run_id)
    assert [one.resolution.decision.values for one in run.asked] == [{"note": "10"}, {"note": 10}]


async def taken(bench: Bench, run_id: str, requirement_id: str) -> None:
    """Wait until the run has taken a decision that was left for it."""

    async def is_taken() -> bool:
        asked = (await bench.runs.manifest(run_id)).asked
        return all(one.resolution is not None for one in asked if one.requirement.id == requirement_id)

    await eventually("the decision to be taken", is_taken)


async def test_a_value_whose_type_no_worker_tells_is_not_left(cli: Cli, bench: Bench, monkeypatch):
    monkeypatch.setattr("agno_temporal.client.reach.ANSWER_TIMEOUT", timedelta(seconds=0.3))
    run_id, requirement_id = await waiting_without_a_worker(bench, two_forms())
    said = await cli.refused(3, "input", run_id, requirement_id, "--value", "note=10", "--signal")
    assert "note is int or str: several forms have it, and no worker says which is meant." in said


async def test_a_step_s_name_needs_a_worker_to_be_resolved(cli: Cli, bench: Bench, monkeypatch):
    monkeypatch.setattr("agno_temporal.client.reach.ANSWER_TIMEOUT", timedelta(seconds=0.3))
    run_id, _ = await waiting_without_a_worker(bench, scenes.gated())
    said = await cli.refused(3, "confirm", run_id, "ship", "--signal")
    assert "With --signal and the requirement's id, none is needed." in said


async def test_without_a_signal_a_decision_needs_a_worker(cli: Cli, bench: Bench, monkeypatch):
    monkeypatch.setattr("agno_temporal.client.reach.ANSWER_TIMEOUT", timedelta(seconds=0.3))
    run_id, requirement_id = await waiting_without_a_worker(bench, scenes.gated())
    assert "no worker answered" in await cli.refused(3, "confirm", run_id, requirement_id)


async def test_a_worker_that_dies_over_a_decision_leaves_a_safe_way_to_repeat_it(cli: Cli, bench: Bench, monkeypatch):
    async def unanswered(self, run_id, decision):
        raise OutcomeUnknown("No worker answered in time.")

    monkeypatch.setattr("agno_temporal.client.RunClient.decide", unanswered)
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        said = await cli.refused(3, "confirm", run_id, "--decision-id", "d-1")
    assert "Repeat the command with --decision-id d-1" in said
