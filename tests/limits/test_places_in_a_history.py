"""Waiting for a run is a long poll with a token, and the server may refuse a token that it gave.

It was seen once in a few hundred runs under load: "Current and request branch tokens, or current and request versioned
transitions, don't match". The run is well, and whoever waits for it must not be told otherwise.
"""

from __future__ import annotations

import pytest
from agno.workflow import Step, Workflow
from temporalio.client import WorkflowHistoryEventAsyncIterator
from temporalio.service import RPCError, RPCStatusCode

from tests.support import Bench


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the server refused: in each of the first two polls, the second page."""
    refused: list[str] = []
    fetch = WorkflowHistoryEventAsyncIterator.fetch_next_page

    async def fetch_once(events: WorkflowHistoryEventAsyncIterator, **options: object) -> None:
        if events.current_page is not None and len(refused) < 2:
            refused.append("don't match")
            raise RPCError(refused[-1], RPCStatusCode.INVALID_ARGUMENT, b"")
        await fetch(events, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(WorkflowHistoryEventAsyncIterator, "fetch_next_page", fetch_once)
    return refused


async def test_a_poll_whose_place_is_lost_begins_anew(bench: Bench, refused: list[str]) -> None:
    workflow = Workflow(name="w", steps=[Step(name="a", executor=lambda _: "done")])
    async with bench.worker(workflow):
        assert (await bench.durable(workflow).arun("x")).content == "done"
    assert len(refused) == 2
