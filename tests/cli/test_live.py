"""The picture of a run that goes on: what cannot be drawn changes nothing about the run, and nothing of its result."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.cli.backend import Document
from agno_temporal.cli.live import drawn_live
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
