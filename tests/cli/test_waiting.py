"""What blocks a run is told to whoever waits for it, for as long as he waits (`cli/waiting.py`)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agno_temporal.cli import waiting
from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.cli.waiting import settled
from tests.support import eventually


class Backend:
    """Does not answer once what blocks the run, and then does; and says when the run is settled."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_settle = asyncio.Event()

    async def blocked(self, run_id: str) -> list[dict[str, Any]]:
        self.asked += 1
        if self.asked == 1:
            raise Failed("The API does not answer.", ExitCode.NO_ANSWER)
        return [{"reason": "no key 'new'"}]

    async def settled(self, run_id: str) -> dict[str, Any]:
        await self.may_settle.wait()
        return {"run_id": run_id, "status": "COMPLETED"}


async def test_one_question_that_nobody_answers_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "LOOK_EVERY", 0.01)
    backend: Any = Backend()
    watching = asyncio.create_task(settled(backend, "release-15", live=False))
    await eventually("it to be asked again", lambda: asyncio.sleep(0.01, backend.asked > 2))
    backend.may_settle.set()
    assert (await watching)["status"] == "COMPLETED"
    assert capsys.readouterr().err == "The run waits for an operator: no key 'new'\n"
