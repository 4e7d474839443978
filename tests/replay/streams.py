"""Recordings of runs that were started as streams: their steps' results hold what agents and functions said."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agno.db.sqlite import SqliteDb
from agno.workflow import Loop, Parallel, Step, Workflow
from agno.workflow.types import StepInput, StepProgress

from tests.replay.pauses import confirmed
from tests.replay.primitives import agent, say
from tests.replay.recordings import Drive, Recording

STREAMED = {"stream": True, "stream_events": True}


def talks(step_input: StepInput) -> Iterator[Any]:
    yield StepProgress(content="half way")
    yield "done"


async def streamed(run: Drive) -> None:
    await run.start(**STREAMED)
    await run.ended()


async def streamed_to_a_gate(run: Drive) -> None:
    await run.start(**STREAMED)
    await run.asked()


def everything() -> Workflow:
    steps = [agent("draft"), Step(name="talks", executor=talks)]
    return Workflow(
        name="recorded", steps=[*steps, Loop(name="rounds", steps=[say("a")]), Parallel(say("b"), agent("c"))]
    )


def stored() -> Workflow:
    db = SqliteDb(db_file=str(Path(tempfile.mkdtemp(), "runs.db")))
    return Workflow(name="recorded", steps=[agent("draft"), say("a")], db=db, store_events=True)


RECORDINGS = {
    "streamed": Recording(everything, streamed),
    "streamed_open": Recording(
        lambda: Workflow(name="recorded", steps=[agent("draft"), confirmed("gate"), agent("last")]), streamed_to_a_gate
    ),
    "streamed_stored": Recording(stored, streamed),
}
