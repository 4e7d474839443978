"""What a run waits for, and what it waited for: enough to draw the question, and to build its answer."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from jsonschema import Draft202012Validator

from agno_temporal.agno_bridge.approval_table import on_table
from agno_temporal.agno_bridge.approvals import MAX_PAGE
from tests.api.deciding import api_over, decided, opened
from tests.api.served import problem, release, served
from tests.running.scenes import FORM, GATES, scene
from tests.running.tools import HOUR, Clock, deadline_passes
from tests.storage.databases import rows_of
from tests.support import Bench

AT_ONCE = {"Prefer": "respond-async, wait=0"}


async def test_what_waits_shows_how_each_answer_must_look(bench: Bench) -> None:
    at = scene(**GATES["confirmation with input"])
    async with api_over(bench.client, bench.task_queue) as api, bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        [question] = (await api.requirements(run_id))["pending"]
        schemas = question["answers"]
        body = {"values": {"region": "eu"}}
        assert Draft202012Validator(schemas["confirm"]).is_valid(body)
        assert not Draft202012Validator(schemas["confirm"]).is_valid({})
        decided(await api.decide(run_id, requirement_id, "confirm", body))

    assert [*schemas] == question["actions"] == ["confirm", "reject"]
    assert schemas["confirm"]["properties"]["values"]["properties"]["copies"] == {"type": ["integer", "null"]}


async def test_one_question_shows_what_is_under_review_and_then_its_decision(bench: Bench) -> None:
    at = scene(**GATES["review"])
    async with api_over(bench.client, bench.task_queue) as api, bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        address = f"/v1/runs/{run_id}/requirements/{requirement_id}"
        waiting = (await api.get(address)).json()
        record = decided(await api.decide(run_id, requirement_id, "edit", {"output": {"title": "better"}}))
        await bench.ended(run_id)
        closed = (await api.get(address)).json()

    assert (waiting["under_review"], waiting["decision"], waiting["source"]) == ("gate ran 1", None, "run")
    assert closed["decision"].items() <= record.items()
    assert closed["decision"]["edited_output"] == {"title": "better"}


async def test_what_was_decided_is_listed_where_it_is_asked_for(bench: Bench) -> None:
    at = scene(requires_confirmation=True, on_reject="retry")
    async with api_over(bench.client, bench.task_queue) as api, bench.worker(at.workflow):
        run_id, first = await opened(bench, at.workflow)
        decided(await api.decide(run_id, first, "reject", {"feedback": "not yet"}))
        [second] = await bench.paused(run_id)
        all = await api.requirements(run_id)
        open_ones = (await api.get(f"/v1/runs/{run_id}/requirements")).json()

    assert [(one["requirement_id"], one["action"]) for one in all["decisions"]] == [(first, "reject")]
    assert [one["requirement_id"] for one in all["pending"]] == [second.requirement.id]
    assert all["pending"][0]["feedback"] == "not yet"
    assert open_ones.keys() == all.keys() - {"decisions"}


async def test_an_unknown_run_or_requirement_is_not_found(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with api_over(bench.client, bench.task_queue) as api, bench.worker(at.workflow):
        run_id, _ = await opened(bench, at.workflow)
        problem(await api.get("/v1/runs/nobody/requirements"), 404, "run-not-found")
        problem(await api.get("/v1/runs/nobody/requirements/x"), 404, "run-not-found")
        problem(await api.get(f"/v1/runs/{run_id}/requirements/x"), 404, "requirement-not-found")


@pytest.mark.parametrize("action", ["confirm", "reject"])
async def test_an_answer_that_needs_no_words_needs_no_body(bench: Bench, action: str) -> None:
    workflow = release()
    async with served(bench, workflow) as api:
        run_id = await api.start()
        [question] = (await api.get(f"/v1/runs/{run_id}/requirements"))["pending"]
        address = f"/v1/runs/{run_id}/requirements/{question['requirement_id']}/{action}"
        assert (await api.http.post(address)).json()["action"] == action


HEADERS = {
    "an empty key": {"Idempotency-Key": ""},
    "a long key": {"Idempotency-Key": "k" * 256},
    "a key with a blank": {"Idempotency-Key": "a b"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
async def test_a_key_that_is_none_is_refused(bench: Bench, headers: dict[str, str]) -> None:
    workflow = release()
    async with served(bench, workflow) as api:
        run_id = await api.start()
        [question] = (await api.get(f"/v1/runs/{run_id}/requirements"))["pending"]
        address = f"/v1/runs/{run_id}/requirements/{question['requirement_id']}"
        [error] = problem(await api.http.post(f"{address}/confirm", headers=headers), 422, "invalid-request")["errors"]
        assert (error["in"], error["field"]) == ("header", "Idempotency-Key")
        problem(await api.http.post(f"{address}/edit", json={"output": "x" * 70_000}), 422, "malformed-decision")
        assert (await api.get(address))["decision"] is None


async def test_without_a_worker_the_database_says_what_waits_and_what_fits(bench: Bench, tmp_path: Path) -> None:
    form = {"requires_user_input": True, "user_input_schema": FORM}
    workflow = release(SqliteDb(db_file=str(tmp_path / "agno.db")), **form)
    async with served(bench, workflow) as api:
        run_id = await api.start()
        known = await api.get(f"/v1/runs/{run_id}/requirements")
    async with served(bench, workflow, worker=False) as api:
        stored = await api.get(f"/v1/runs/{run_id}/requirements")
        [question] = stored["pending"]
        address = f"/v1/runs/{run_id}/requirements/{question['requirement_id']}"
        one = await api.get(address)
        unfit = await api.http.post(f"{address}/input", json={"values": {"region": 7}}, headers=AT_ONCE)
        fit = await api.http.post(f"{address}/input", json={"values": {"region": "eu"}}, headers=AT_ONCE)

    assert (known["source"], stored["source"], one["source"]) == ("run", "database", "database")
    assert question["answers"] == known["pending"][0]["answers"]
    assert problem(unfit, 422, "invalid-input")["errors"]
    assert fit.status_code == 202, fit.text


async def test_without_a_worker_a_question_behind_a_page_of_them_is_there_too(bench: Bench, tmp_path: Path) -> None:
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    workflow = release(db, requires_user_input=True, user_input_schema=FORM)
    async with served(bench, workflow) as api:
        run_id = await api.start()
        [asked] = await bench.paused(run_id)
    [row] = await rows_of(db, "approvals")
    earlier = [{**row, "id": f"r-{number}", "expires_at": number} for number in range(MAX_PAGE)]
    await on_table(db, lambda session, table: session.execute(table.insert(), earlier), asyncio.to_thread)
    async with served(bench, workflow, worker=False) as api:
        pending = (await api.get(f"/v1/runs/{run_id}/requirements"))["pending"]
        address = f"/v1/runs/{run_id}/requirements/{asked.requirement.id}"
        one = await api.get(address)
        unfit = await api.http.post(f"{address}/input", json={"values": {"region": 7}}, headers=AT_ONCE)

    assert (len(pending), pending[-1]["requirement_id"]) == (MAX_PAGE + 1, asked.requirement.id)
    assert one["requirement_id"] == asked.requirement.id
    problem(unfit, 422, "invalid-input")


async def test_a_decision_on_a_question_whose_deadline_is_over_is_not_left(bench: Bench, tmp_path: Path) -> None:
    """Unless it was tried before: then it may have been taken in time."""
    workflow = release(SqliteDb(db_file=str(tmp_path / "agno.db")), requires_confirmation=True, timeout=HOUR)
    async with served(bench, workflow) as api:
        run_id = await api.start()
        [asked] = await bench.paused(run_id)
    await Clock(bench.client).forward(run_id, HOUR)
    await deadline_passes(bench.client, run_id)
    async with served(bench, workflow, worker=False) as api:
        address = f"/v1/runs/{run_id}/requirements/{asked.requirement.id}/confirm"
        at_once = await api.http.post(address, headers=AT_ONCE)
        after_trying = await api.http.post(address, headers={"Prefer": "respond-async, wait=1"})

    assert problem(at_once, 409, "expired")["deadline"]
    problem(after_trying, 503, "outcome-unknown")


async def test_a_decision_on_a_run_that_temporal_keeps_no_longer_hears_how_it_ended(
    bench: Bench, tmp_path: Path
) -> None:
    """Here it never had it: agno itself ran it into the same database."""
    workflow = release(SqliteDb(db_file=str(tmp_path / "agno.db")), requires_confirmation=False)
    run_id = (await workflow.arun("v2")).run_id
    async with served(bench, workflow, worker=False) as api:
        address = f"/v1/runs/{run_id}/requirements/{uuid.uuid4()}/confirm"
        answers = [await api.http.post(address), await api.http.post(address, headers=AT_ONCE)]

    for answer in answers:
        assert problem(answer, 409, "run-closed")["run_status"] == "COMPLETED"
