"""Contents that JSON cannot say are shown whole, and as the database's row has them."""

from __future__ import annotations

import asyncio
import enum
from datetime import date
from pathlib import Path
from typing import Any

from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepOutput
from pydantic import BaseModel, Field

from agno_temporal.agno_bridge.run_table import stored_run
from tests.api.served import served
from tests.support import Bench

LONG = 10**5_000


class Colour(enum.Enum):
    RED = "red"


class Scan(BaseModel):
    number: int = Field(alias="no")
    raw: bytes


CONTENT: dict[Any, Any] = {
    date(2026, 1, 1): "refund 500 EUR",
    (2, 3): "two",
    Colour.RED: Colour.RED,
    "bytes": b"\xff\x00",
    "scan": Scan(no=7, raw=b"\x89PNG\xff"),
    "long": LONG,
}

SHOWN = {
    "2026-01-01": "refund 500 EUR",
    "(2, 3)": "two",
    "red": "red",
    "bytes": "_wA=",
    "scan": {"number": 7, "raw": "iVBOR_8="},
    "long": hex(LONG),
}


def odd(db: Any, **review: Any) -> Workflow:
    step = Step(name="odd", executor=lambda _: StepOutput(content=CONTENT), human_review=HumanReview(**review))
    return Workflow(name="odd", db=db, steps=[step])


async def test_a_run_shows_its_content_as_its_row_has_it(bench: Bench, tmp_path: Path) -> None:
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    async with served(bench, odd(db)) as api:
        run_id = await api.start("odd")
        run = await api.get(f"/v1/runs/{run_id}")
    row = await stored_run(db, run_id, asyncio.to_thread)

    assert row
    assert row.data
    assert run["content"] == row.data["content"] == SHOWN


async def test_a_reviewer_is_shown_all_that_is_under_review(bench: Bench) -> None:
    async with served(bench, odd(None, requires_output_review=True)) as api:
        run_id = await api.start("odd")
        [question] = (await api.get(f"/v1/runs/{run_id}"))["pending"]

    assert question["under_review"] == SHOWN
