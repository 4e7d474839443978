"""Runs that write nothing any more: one was terminated, or Temporal has it no more. What they left is cleared up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agentos.flows import Flows
from tests.agentos.serving import Site, fresh, names, place
from tests.agentos.test_approvals import resolve, row_of
from tests.api.test_past_retention import deleted
from tests.support import Bench


@pytest.fixture
async def gone(site: Site, crew: tuple[Bench, Flows]) -> dict[str, Any]:
    """A run that waited until Temporal had it no more."""
    told = await site.stream("/workflows/confirm/runs", message=fresh(), stream="true")
    run = told[-1][1]
    await deleted(crew[0], run["run_id"])
    return run


async def test_an_approval_of_a_run_that_is_gone_says_what_to_do_and_is_deleted(
    site: Site, gone: dict[str, Any]
) -> None:
    row = await row_of(site, gone)
    answer = await resolve(site, row, "approved")
    assert (answer.status_code, "Delete the approval" in answer.text) == (404, True)
    assert (await site.http.delete(f"/approvals/{row['id']}")).status_code == 204
    assert (await site.http.get("/approvals", params={"run_id": gone["run_id"]})).json()["data"] == []


async def test_a_stream_of_a_run_that_is_gone_is_read_from_the_database(site: Site, gone: dict[str, Any]) -> None:
    told = await site.stream(f"{place(gone)}/resume", session_id=gone["session_id"])
    assert (names(told)[0], names(told)[1], names(told)[-1]) == ("replay", "WorkflowStarted", "StepPaused")


async def test_an_approval_of_a_run_that_was_terminated_is_deleted(site: Site, crew: tuple[Bench, Flows]) -> None:
    run = await site.paused("confirm", fresh())
    row = await row_of(site, run)
    await crew[0].client.get_workflow_handle(run["run_id"]).terminate()
    assert (await resolve(site, row, "approved")).status_code == 409
    assert (await site.http.delete(f"/approvals/{row['id']}")).status_code == 204
