"""Metrics: what all runs do, counted where it is known, and what this server did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from agno.db.postgres import PostgresDb
from agno.workflow import Workflow
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text
from starlette.requests import ClientDisconnect

from agno_temporal.api import metrics
from agno_temporal.api.problems import Problem
from agno_temporal.hitl import Action, Decision
from tests.api.served import Served, problem, release, served, some_id
from tests.support import Bench, eventually

Numbers = dict[tuple[str, tuple[str, ...]], float]


def numbers(text: str, parse: Any = plain_text) -> Numbers:
    """Each sample, by its name and the values of its labels in the order of the labels' names."""
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


async def scraped(api: Served, accept: str = "") -> str:
    answer = await api.http.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scrape reads anew, however long the last reading took."""
    monkeypatch.setattr("agno_temporal.api.once.Once._is_old", lambda self: True)


def timed(db: Any, on_timeout: str) -> Workflow:
    return release(db, f"{on_timeout}s", requires_confirmation=True, timeout=1, on_timeout=on_timeout)


async def test_what_waits_is_counted_by_workflow_and_kind(bench: Bench, sql: Any) -> None:
    reviewed = release(sql, "reviewed", requires_output_review=True)
    async with served(bench, release(sql), reviewed) as api:
        for name in ("release", "release", "reviewed"):
            await bench.paused(await api.start(name, input="v1"))
        found = numbers(await scraped(api))
    name = "agno_temporal_open_requirements"
    waits = {labels: value for (one, labels), value in found.items() if one == name}
    assert {labels: value for labels, value in waits.items() if value} == {
        ("confirmation", "release"): 2,
        ("output_review", "reviewed"): 1,
    }
    assert len(waits) == 2 * len(metrics.KINDS)


async def test_pauses_and_timeouts_are_counted_of_the_rows_and_outlive_a_server(bench: Bench, sql: Any) -> None:
    workflows = [release(sql), *(timed(sql, policy) for policy in ("approve", "reject"))]
    async with served(bench, *workflows) as api:
        runs = [await api.start(one.name, input="v1") for one in workflows]
        (asked,) = await bench.paused(runs[0])
        await bench.runs.decide(runs[0], Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana"))
        for run_id in runs:
            await bench.client.get_workflow_handle(run_id).result()
        before = await scraped(api)
    async with served(bench, *workflows, worker=False) as api:
        after = await scraped(api)
    for found in (numbers(before), numbers(after)):
        pauses = {labels: value for (one, labels), value in found.items() if one == "agno_temporal_pause_seconds_count"}
        assert pauses == {("confirmation", "approved"): 2, ("confirmation", "expired"): 1}
        assert found["agno_temporal_pause_seconds_bucket", ("confirmation", "10.0", "expired")] == 1
        assert found["agno_temporal_pause_seconds_bucket", ("confirmation", "+Inf", "approved")] == 2
        assert 1 <= found["agno_temporal_pause_seconds_sum", ("confirmation", "expired")] <= 30
        policies = ("approve", "reject", "skip", "cancel")
        assert [found["agno_temporal_timeouts_total", (one,)] for one in policies] == [1, 1, 0, 0]


async def test_runs_are_counted_by_status(bench: Bench) -> None:
    async with served(bench, release()) as api:
        waits, ends = [await api.start(input="v1") for _ in range(2)]
        await bench.runs.cancel(ends)
        await bench.ended(ends)

        async def counted() -> bool:
            found = numbers(await scraped(api))
            return [found["agno_temporal_runs", (one,)] for one in ("running", "cancelled", "failed")] == [1, 1, 0]

        await eventually(f"{waits} as running and {ends} as cancelled", counted)


async def test_decisions_and_refusals_of_this_server_are_counted_by_reason(bench: Bench) -> None:
    async with served(bench, release()) as api:
        run_id = await api.start(input="v1")
        (asked,) = await bench.paused(run_id)
        place = f"/v1/runs/{run_id}/requirements/{asked.requirement.id}"
        await api.http.post(f"{place}/select", json={"routes": ["a"]})
        await api.http.post(f"{place}/confirm", json={})
        await api.http.post(f"{place}/reject", json={})
        found = numbers(await scraped(api))
    assert found["agno_temporal_decisions_total", ("confirm", "taken")] == 1
    refusals = {labels: value for (one, labels), value in found.items() if one == "agno_temporal_refusals_total"}
    assert sum(refusals.values()) == 2
    assert refusals["select", "action-not-allowed"] == 1
    assert {reason for action, reason in refusals if action == "reject"} <= {"already-decided", "run-closed"}


async def test_requests_are_counted_by_route_and_status(bench: Bench) -> None:
    async with served(bench, release(), worker=False) as api:
        for _ in range(3):
            await api.http.get(f"/v1/runs/{some_id('no')}")
        await api.http.get("/v1/workflows")
        await api.http.delete("/v1/workflows/no/sessions/team%2F42")
        await api.http.get(f"/{some_id('nothing')}")
        await api.http.request("BREW", "/v1/workflows")
        found = numbers(await scraped(api))
    counted = {labels: value for (one, labels), value in found.items() if one == "agno_temporal_http_requests_total"}
    assert counted == {
        ("GET", "/runs/{run_id}", "404"): 3,
        ("GET", "/workflows", "200"): 1,
        ("DELETE", "/workflows/{workflow_id}/sessions/{session_id}", "404"): 1,
        ("GET", "none", "404"): 1,
        ("other", "/workflows", "405"): 1,
    }


async def test_a_caller_that_leaves_within_its_body_is_counted_and_is_no_error_of_ours(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async def leaves() -> AsyncIterator[bytes]:
        yield b"{"
        raise ClientDisconnect

    async with served(bench, release(), worker=False) as api:
        await api.http.post("/v1/runs", content=leaves(), headers={"Content-Type": "application/json"})
        found = numbers(await scraped(api))
    assert found["agno_temporal_http_requests_total", ("POST", "/runs", "499")] == 1
    assert [record for record in caplog.records if record.name.startswith("agno_temporal")] == []


async def test_what_cannot_be_read_is_left_out_and_said(bench: Bench) -> None:
    db = PostgresDb(db_url="postgresql+psycopg://user:secret@127.0.0.1:1/agno")
    async with served(bench, release(db), worker=False) as api:
        found = numbers(await scraped(api))
    sources = {labels[0]: value for (one, labels), value in found.items() if one == "agno_temporal_reading_ok"}
    assert sources == {"runs": 1, "open": 0, "decided": 0}
    assert not [one for one, _ in found if "open_requirements" in one or "pause" in one]


async def test_openmetrics_is_there_for_who_asks_for_it(bench: Bench) -> None:
    async with served(bench, release(), worker=False) as api:
        text = await scraped(api, "application/openmetrics-text; version=1.0.0")
    assert ("agno_temporal_runs", ("running",)) in numbers(text, open_metrics)
    assert text.count("# EOF") == 1


async def test_metrics_need_the_right_to_read_unless_they_are_opened(bench: Bench) -> None:
    class Nobody:
        async def principal(self, connection: Any) -> Any:
            raise Problem(401, "unauthorized", "Nobody.")

    async with served(bench, release(), worker=False, access=Nobody()) as api:
        problem(await api.http.get("/metrics"), 401, "unauthorized")
        problem(await api.http.get("/v1/metrics"), 401, "unauthorized")
    async with served(bench, release(), worker=False, access=Nobody(), open_metrics=True) as api:
        for path in ("/metrics", "/v1/metrics"):
            answer: httpx.Response = await api.http.get(path)
            assert answer.headers["content-type"].startswith("text/plain")
