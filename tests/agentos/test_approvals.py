"""AgentOS' approvals: they show what durable workflows wait for, and resolving one decides the run."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.agentos.serving import Site, fresh, place
from tests.support import eventually


async def row_of(site: Site, run: dict[str, Any]) -> dict[str, Any]:
    """The run's one pending approval."""
    query = {"status": "pending", "run_id": run["run_id"]}
    [row] = (await site.http.get("/approvals", params=query)).json()["data"]
    return row


async def resolve(site: Site, row: dict[str, Any], status: str, data: Any = None, by: str = "ana") -> httpx.Response:
    body = {"status": status, "resolved_by": by, **({} if data is None else {"resolution_data": data})}
    return await site.http.post(f"/approvals/{row['id']}/resolve", json=body)


async def test_a_pause_is_listed_counted_and_shown(site: Site) -> None:
    before = (await site.http.get("/approvals/count")).json()["count"]
    run = await site.paused("confirm", fresh())
    assert (await site.http.get("/approvals/count")).json()["count"] == before + 1
    row = await row_of(site, run)
    assert (row["source_type"], row["source_name"], row["pause_type"]) == ("workflow", "gate", "confirmation")
    assert row["id"] == run["step_requirements"][0]["step_id"]
    assert row["run_status"] == "PAUSED"
    assert (await site.http.get(f"/approvals/{row['id']}")).json() == row
    assert (await site.http.get(f"/approvals/{row['id']}/status")).json()["status"] == "pending"
    listed = await site.http.get("/approvals", params={"source_type": "workflow", "workflow_id": "confirm"})
    assert row["id"] in [one["id"] for one in listed.json()["data"]]


async def test_an_approval_lets_the_run_go_on(site: Site) -> None:
    run = await site.paused("confirm", mine := fresh())
    row = await row_of(site, run)
    answer = await resolve(site, row, "approved")
    assert (answer.status_code, answer.json()["status"], answer.json()["resolved_by"]) == (200, "approved", "ana")
    await site.becomes(run, "COMPLETED")
    assert site.flows.ran[f"{mine}/gate"] == 1

    async def told() -> bool:
        row_now = (await site.http.get(f"/approvals/{row['id']}")).json()
        return (row_now["status"], row_now["resolved_by"], row_now["run_status"]) == ("approved", "ana", "COMPLETED")

    await eventually("the row to say how the run ended", told)


async def test_a_rejection_is_one(site: Site) -> None:
    run = await site.paused("review", mine := fresh())
    row = await row_of(site, run)
    answer = await resolve(site, row, "rejected", {"note": "too long"})
    assert answer.json()["status"] == "rejected"
    again = await site.becomes(run, "PAUSED")
    assert again["step_requirements"][-1]["rejection_feedback"] == "too long"
    assert site.flows.ran[f"{mine}/gate"] == 2


@pytest.mark.parametrize(
    ("workflow", "data"),
    [
        ("form", {"values": {"region": "us", "copies": 2}}),
        ("review", None),
        ("review", {"edited_output": "edited"}),
        ("review", {"edited_output": {"$type": "a name like any other"}}),
        ("route", {"selected_choices": ["south"]}),
        ("tools", None),
        ("failing", None),
    ],
)
async def test_every_kind_can_be_approved(site: Site, workflow: str, data: dict[str, Any] | None) -> None:
    run = await site.paused(workflow, mine := fresh())
    answer = await resolve(site, await row_of(site, run), "approved", data)
    assert answer.status_code == 200, answer.text
    ended = await site.becomes(run, "COMPLETED")
    match workflow:
        case "form":
            assert ended["step_requirements"][0]["user_input"] == {"region": "us", "copies": 2}
        case "review":
            wanted = data["edited_output"] if data else "gate ran 1"
            assert ended["step_results"][1]["content"] == wanted
        case "route":
            assert site.flows.ran[f"{mine}/south"] == 1
        case "tools":
            assert ended["step_results"][1]["content"] == "got dropped users"
        case "failing":
            assert ended["step_results"][1]["content"] == "mended"


async def test_of_many_who_resolve_at_once_one_does(site: Site) -> None:
    run = await site.paused("confirm", mine := fresh())
    row = await row_of(site, run)
    ways = ["approved", "rejected"] * 3
    answers = await asyncio.gather(*(resolve(site, row, way, by=f"p{n}") for n, way in enumerate(ways)))
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
    [winner] = [one.json() for one in answers if one.status_code == 200]
    await site.becomes(run, "COMPLETED")
    assert (await site.http.get(f"/approvals/{row['id']}")).json()["resolved_by"] == winner["resolved_by"]
    assert site.flows.ran[f"{mine}/gate"] == (1 if winner["status"] == "approved" else 0)


async def test_resolving_again_changes_nothing(site: Site) -> None:
    run = await site.paused("confirm", mine := fresh())
    row = await row_of(site, run)
    await resolve(site, row, "approved")
    await site.becomes(run, "COMPLETED")
    answer = await resolve(site, row, "rejected")
    assert (answer.status_code, "already 'approved'" in answer.text) == (409, True)
    assert site.flows.ran[f"{mine}/after"] == 1


async def test_what_was_continued_otherwise_is_resolved_already(site: Site) -> None:
    run = await site.paused("review", fresh())
    row = await row_of(site, run)
    await site.go_on(run, {"step_id": row["id"], "confirmed": False})
    answer = await resolve(site, row, "approved")
    assert answer.status_code == 409


async def test_a_cancelled_run_waits_for_nobody(site: Site) -> None:
    run = await site.paused("confirm", fresh())
    row = await row_of(site, run)
    await site.http.post(f"{place(run)}/cancel")
    await site.becomes(run, "CANCELLED")
    assert (await site.http.get(f"/approvals/{row['id']}")).json()["status"] == "cancelled"
    assert (await resolve(site, row, "approved")).status_code == 409


NOT_SAID: dict[str, list[tuple[str, Any, str]]] = {
    "form": [
        ("approved", None, "region"),
        ("approved", {"values": {"region": 1}}, "region"),
        ("approved", {"values": "us"}, "values"),
    ],
    "route": [("approved", None, "at least one route")],
    "confirm": [
        ("approved", {"edited_output": "x"}, "takes no edited_output"),
        ("approved", {"deadline": "never"}, "deadline"),
        ("rejected", {"values": {"a": 1}}, "takes no values"),
    ],
    "failing": [("rejected", None, "/skip")],
}


@pytest.mark.parametrize("workflow", NOT_SAID)
async def test_what_an_approval_cannot_say_is_refused(site: Site, workflow: str) -> None:
    run = await site.paused(workflow, fresh())
    row = await row_of(site, run)
    for status, data, said in NOT_SAID[workflow]:
        answer = await resolve(site, row, status, data)
        assert (answer.status_code, said in answer.text) == (422, True), answer.text
    assert (await site.found(run)).json()["status"] == "PAUSED"
    assert (await row_of(site, run))["id"] == row["id"]


async def test_a_row_that_waits_is_not_deleted(site: Site) -> None:
    run = await site.paused("confirm", fresh())
    row = await row_of(site, run)
    assert (await site.http.delete(f"/approvals/{row['id']}")).status_code == 409
    await resolve(site, row, "approved")
    await site.becomes(run, "COMPLETED")
    assert (await site.http.delete(f"/approvals/{row['id']}")).status_code == 204


async def test_an_approval_of_something_else_is_agnos_own(site: Site) -> None:
    mine = fresh()
    row = {
        "id": mine,
        "run_id": mine,
        "session_id": mine,
        "status": "pending",
        "source_type": "agent",
        "pause_type": "x",
    }
    await asyncio.to_thread(site.flows.db.create_approval, row)
    assert (await resolve(site, row, "approved")).json()["status"] == "approved"
    assert (await resolve(site, row, "approved")).status_code == 409
