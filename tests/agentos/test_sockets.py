"""AgentOS' WebSocket: runs are started, continued and joined again on it, by a plain WebSocket client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.agentos.serving import Site, fresh
from tests.support import PATIENCE

ENDS = ("WorkflowPaused", "WorkflowCompleted", "WorkflowError", "error")


@pytest.fixture
async def socket(site: Site) -> AsyncIterator[ClientConnection]:
    async with opened(site) as connection:
        yield connection


def opened(site: Site) -> Any:
    return connect(site.url.replace("http", "ws") + "/workflows/ws")


async def say(socket: ClientConnection, action: str, **fields: Any) -> None:
    await socket.send(json.dumps({"action": action, **fields}))


async def hear(socket: ClientConnection, *until: str) -> list[dict[str, Any]]:
    """What is sent up to one of these events; agno wraps some of it in the lines of server-sent events."""
    told: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE):
        while not told or told[-1]["event"] not in (until or ENDS):
            text = str(await socket.recv())
            [data] = [line for line in text.split("\n") if line.startswith(("data: ", "{"))]
            told.append(json.loads(data.removeprefix("data: ")))
    return told


def names(told: list[dict[str, Any]]) -> list[str]:
    return [one["event"] for one in told]


def numbers(told: list[dict[str, Any]]) -> list[int]:
    return [one["event_index"] for one in told if "event_index" in one and one["event"] != "WorkflowPaused"]


async def test_a_whole_round(socket: ClientConnection, site: Site) -> None:
    await say(socket, "start-workflow", workflow_id="confirm", message=(mine := fresh()))
    told = await hear(socket)
    paused = told[-1]
    assert names(told)[0] == "connected"
    assert names(told)[-2:] == ["StepPaused", "WorkflowPaused"]
    assert numbers(told) == list(range(len(told) - 2))

    answer = {"step_id": paused["step_requirements"][0]["step_id"], "confirmed": True}
    place = {name: paused[name] for name in ("workflow_id", "run_id", "session_id")}
    await say(socket, "continue-workflow", **place, step_requirements=[answer])
    more = await hear(socket)
    assert (names(more)[0], names(more)[-1]) == ("StepContinued", "WorkflowCompleted")
    assert numbers([*told, *more]) == list(range(len(numbers([*told, *more]))))
    assert site.flows.ran[f"{mine}/gate"] == 1


async def test_a_rejection_is_taken(socket: ClientConnection, site: Site) -> None:
    await say(socket, "start-workflow", workflow_id="confirm", message=(mine := fresh()))
    paused = (await hear(socket))[-1]
    place = {name: paused[name] for name in ("workflow_id", "run_id", "session_id")}
    answer = {**paused["step_requirements"][0], "confirmed": False}
    await say(socket, "continue-workflow", **place, step_requirements=[answer])
    assert names(await hear(socket))[-1] == "WorkflowCompleted"
    assert site.flows.ran[f"{mine}/gate"] == 0


async def test_another_socket_joins_a_run_that_waits(socket: ClientConnection, site: Site) -> None:
    await say(socket, "start-workflow", workflow_id="confirm", message=fresh())
    told = await hear(socket)
    place = {name: told[-1][name] for name in ("workflow_id", "run_id", "session_id")}
    async with opened(site) as other:
        await say(other, "reconnect", **place, last_event_index=2)
        joined = await hear(other)
    assert names(joined)[:2] == ["connected", "replay"]
    assert names(joined)[2:] == names(told)[1:]


async def test_a_socket_that_was_lost_misses_nothing(site: Site) -> None:
    mine = fresh()
    async with opened(site) as lost:
        await say(lost, "start-workflow", workflow_id="slow", message=mine)
        told = await hear(lost, "StepCompleted")
    place = {name: told[-1][name] for name in ("workflow_id", "run_id", "session_id")}
    async with opened(site) as other:
        await say(other, "reconnect", **place, last_event_index=numbers(told)[-1])
        joined = await hear(other, "subscribed")
        site.flows.held.setdefault(mine, asyncio.Event()).set()
        joined += await hear(other)
    assert numbers([*told, *joined]) == list(range(len(numbers([*told, *joined]))))
    assert names(joined)[-1] == "WorkflowPaused"


async def test_what_is_refused_is_said_on_the_socket(socket: ClientConnection, site: Site) -> None:
    run = await site.paused("confirm", fresh())
    place = {name: run[name] for name in ("workflow_id", "run_id", "session_id")}
    await say(socket, "continue-workflow", **place, step_requirements=[{"step_id": "x", "confirmed": True}])
    assert "no requirement 'x'" in (await hear(socket))[-1]["error"]
    await say(socket, "continue-workflow", **{**place, "run_id": "nobody"}, step_requirements=[])
    assert "not found" in (await hear(socket))[-1]["error"]
