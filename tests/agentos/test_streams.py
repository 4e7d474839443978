"""Streams of AgentOS: each ends with its own run's pause, goes on after it, and can be joined again at any number."""

from __future__ import annotations

import asyncio
import json

import pytest
from agno.os.event_streams import get_event_stream
from agno.run.base import RunStatus
from agno.run.workflow import StepCompletedEvent

from agno_temporal.agentos.event_stream import RunEvents
from agno_temporal.agentos.frames import frame
from tests.agentos.serving import Site, frames, fresh, names, numbers, place
from tests.support import eventually

BEFORE = ["WorkflowStarted", "StepStarted", "StepOutput", "StepCompleted"]


def test_a_content_ends_no_line_for_clients_that_split_a_stream_as_python_splits_a_text() -> None:
    content = "a\u2028b\u2029c\x85d"
    _, data, rest = frame("r1", 0, StepCompletedEvent(content=content)).splitlines()
    assert json.loads(data.removeprefix("data: "))["content"] == content
    assert rest == ""


async def started(site: Site, message: str, **form: str) -> tuple[dict[str, str], list[tuple[str, dict]]]:
    told = await site.stream("/workflows/confirm/runs", message=message, **form)
    first = told[0][1]
    return {"workflow_id": "confirm", "run_id": first["run_id"], "session_id": first["session_id"]}, told


async def test_a_stream_ends_with_what_is_asked(site: Site) -> None:
    _, told = await started(site, fresh())
    assert sorted(names(told[:-3])) == sorted(BEFORE)
    assert names(told[-3:]) == ["StepPaused", "WorkflowPaused", "WorkflowRunOutput"]
    [asked] = told[-2][1]["step_requirements"]
    assert asked["confirmation_message"] == "Deploy?"


async def test_a_run_goes_on_in_a_stream(site: Site) -> None:
    run, told = await started(site, fresh())
    [asked] = told[-2][1]["step_requirements"]
    answer = f'[{{"step_id": "{asked["step_id"]}", "confirmed": true}}]'
    more = await site.stream(f"{place(run)}/continue", step_requirements=answer, session_id=run["session_id"])
    assert (names(more)[0], names(more)[-1]) == ("StepContinued", "WorkflowCompleted")


async def test_two_runs_of_one_session_end_with_a_pause_of_their_own(site: Site) -> None:
    (one, told), (other, others) = await asyncio.gather(
        started(site, fresh(), session_id="shared"), started(site, fresh(), session_id="shared")
    )
    assert one["run_id"] != other["run_id"]
    for run, heard in ((one, told), (other, others)):
        assert {data["run_id"] for _, data in heard} == {run["run_id"]}


async def test_closing_a_stream_leaves_the_run_alone(site: Site) -> None:
    mine = fresh()
    async with site.http.stream("POST", "/workflows/slow/runs", data={"message": mine}) as answer:
        _, first = await anext(frames(answer))

    async def slow() -> bool:
        return site.flows.ran[f"{mine}/slow"] > 0

    await eventually("the slow step to begin", slow)
    site.flows.held[mine].set()
    run = {"workflow_id": "slow", "run_id": first["run_id"], "session_id": first["session_id"]}
    await site.becomes(run, "PAUSED")


async def test_a_background_stream_has_numbers_and_is_resumed_at_any_of_them(site: Site) -> None:
    run, told = await started(site, fresh(), background="true")
    assert numbers(told) == list(range(len(told) - 1))
    assert names(told)[-2:] == ["StepPaused", "WorkflowPaused"]
    resumed = await site.stream(f"{place(run)}/resume", last_event_index="1", session_id=run["session_id"])
    assert names(resumed)[0] == "replay"
    assert resumed[0][1]["status"] == "PAUSED"
    assert numbers(resumed) == numbers(told)[2:]
    assert names(resumed)[-1] == "WorkflowPaused"


async def test_a_run_that_goes_on_is_followed_to_its_next_pause_or_its_end(site: Site) -> None:
    mine = fresh()
    answer = await site.run("slow", mine, background="true")
    run = {**answer.json(), "workflow_id": "slow"}
    path = f"{place(run)}/resume"
    async with site.http.stream("POST", path, data={"session_id": run["session_id"]}) as watching:
        told = []
        async for frame in frames(watching):
            told.append(frame)
            if frame[0] == "StepStarted":
                site.flows.held.setdefault(mine, asyncio.Event()).set()
    assert numbers(told) == list(range(len(numbers(told))))
    assert names(told)[-1] == "WorkflowPaused"


async def test_what_a_run_asks_is_told_once_though_it_pauses_while_agentos_looks_it_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, released = fresh(), asyncio.Event()
    run = {**(await site.run("slow", mine, background="true")).json(), "workflow_id": "slow"}
    status_of = RunEvents.get_run_status

    async def pauses_meanwhile(stream: RunEvents, run_id: str) -> RunStatus | None:
        status = await status_of(stream, run_id)
        if stream is get_event_stream() and not released.is_set():  # It asks those of other tests' clients first.
            released.set()
            site.flows.held.setdefault(mine, asyncio.Event()).set()
            await site.becomes(run, "PAUSED")
        return status

    monkeypatch.setattr(RunEvents, "get_run_status", pauses_meanwhile)
    told = await site.stream(f"{place(run)}/resume", session_id=run["session_id"])
    assert names(told)[0] == "catch_up"
    assert names(told).count("WorkflowPaused") == 1


async def test_the_events_of_a_run_that_has_ended_are_replayed(site: Site) -> None:
    run = (await site.run("plain", fresh())).json()
    told = await site.stream(f"{place(run)}/resume", session_id=run["session_id"])
    assert (names(told)[0], names(told)[1], names(told)[-1]) == ("replay", "WorkflowStarted", "WorkflowCompleted")
    assert told[0][1]["status"] == "COMPLETED"


@pytest.mark.parametrize("form", [{}, {"background": "true"}])
async def test_a_failure_is_the_last_event(site: Site, form: dict[str, str]) -> None:
    told = await site.stream("/workflows/broken/runs", message=fresh(), **form)
    assert names(told)[-1] == "WorkflowError"
    assert names(told).count("WorkflowError") == 1
    assert "the disk is full" in told[-1][1]["error"]


async def test_a_run_that_nobody_knows_is_an_error_in_its_stream(site: Site) -> None:
    [(name, data)] = await site.stream("/workflows/confirm/runs/nobody/resume", session_id="nowhere")
    assert (name, "nobody" in data["error"]) == ("error", True)
