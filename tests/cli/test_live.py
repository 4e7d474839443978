"""The picture of a run that goes on: what cannot be drawn changes nothing about the run, and nothing of its result."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator

from rich.console import Console
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.cli.backend import Document
from agno_temporal.cli.live import drawn_live, picture
from tests.support import eventually


class Away:
    """Of a `Backend` what a picture needs, where Temporal is away."""

    def __init__(self) -> None:
        self.looks = 0

    async def run(self, run_id: str) -> Document:
        self.looks += 1
        raise RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")

    async def events(self, run_id: str, after: int, follow: bool) -> AsyncGenerator[Document, None]:
        raise RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")
        yield {}


async def test_a_picture_that_cannot_be_drawn_is_tried_again_and_leaves_the_result_alone(monkeypatch):
    monkeypatch.setattr("agno_temporal.cli.live.AT_LEAST", 0.01)
    away = Away()

    async def looked_twice() -> bool:
        return away.looks > 1

    async with drawn_live(away, "r-1"):
        await eventually("a second look", looked_twice)


def test_what_blocks_a_run_and_is_no_step_s_is_seen_below_a_tree_that_is_cut():
    def step(name: str, state: str) -> Document:
        return {"path": name, "name": name, "state": state, "what": "function", "times": 1, "notes": [], "steps": []}

    run = {
        "run_id": "release-15",
        "workflow_id": "release",
        "workflow_name": "release",
        "status": "PAUSED",
        "duration": None,
        "started_at": "2026-03-02T09:30:00Z",
        "steps": [step("first", "waiting"), *(step(f"later {index}", "not_yet") for index in range(30))],
        "blocked": [{"activity_id": "project#1", "reason": "database is locked", "attempts": 3}],
    }
    console = Console(file=io.StringIO(), width=80, height=12)
    console.print(picture(run, console))
    *lines, last = console.file.getvalue().splitlines()
    assert len(lines) < 12
    assert " first  function" in "".join(lines)
    assert last.rstrip() == "! tried 3 times: database is locked"
