"""Every kind of pause, with every answer and every policy, in every place: each cell with its expected end.

agno asks in the first place only, and knows no timer. A cell that nobody tries is decided by the next change.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from agno.workflow import Step, Workflow

from agno_temporal.contract.manifest import Manifest
from agno_temporal.hitl import Decision
from tests.matrix.outcomes import CELLS, Cell
from tests.matrix.subjects import SUBJECTS, Log
from tests.running.scenes import PLACES
from tests.support import Bench


@dataclass
class Case:
    """One cell in one place: a workflow of its own."""

    cell: Cell
    log: Log
    workflow: Workflow


def case(kind: str, place: str, cell: Cell, number: int) -> Case:
    log = Log()
    subject = SUBJECTS[kind](log, cell.policy)
    steps = [Step(name="before", executor=lambda _: "before ran"), PLACES[place](subject), log.after()]
    return Case(cell, log, Workflow(name=f"cell-{number}", steps=steps))


async def driven(bench: Bench, one: Case) -> Manifest:
    """The run, once it has ended: answered at each pause, or left to its deadlines."""
    run_id = await bench.start(one.workflow, "go")
    for action, content in one.cell.answers:
        asked = (await bench.paused(run_id))[-1].requirement
        await bench.runs.decide(run_id, Decision(asked.id, action, **content))
    if not one.cell.answers:
        handle = bench.client.get_workflow_handle(run_id)
        await asyncio.wait([asyncio.ensure_future(handle.result())], timeout=60)
    return await bench.ended(run_id)


@pytest.mark.parametrize(
    "place", [place if place == "top level" else pytest.param(place, marks=pytest.mark.sweep) for place in PLACES]
)
@pytest.mark.parametrize("kind", SUBJECTS)
async def test_every_answer_and_every_policy_does_what_it_says(bench: Bench, kind: str, place: str) -> None:
    cases = [case(kind, place, cell, number) for number, cell in enumerate(CELLS[kind])]
    async with bench.worker(*(one.workflow for one in cases)):
        ended = await asyncio.gather(*(driven(bench, one) for one in cases))
    wrong = [text for one, manifest in zip(cases, ended, strict=True) if (text := _wrong(one, manifest))]
    assert not wrong, "\n".join(wrong)


def _wrong(one: Case, manifest: Manifest) -> str | None:
    """How a cell ended, where it did not end as it should."""
    end = one.cell.end
    ran = [name for name in one.log.ran if name != "after"]
    last = one.log.last
    right = last is None if end.last is None else last is not None and end.last in last
    if end.last == "":
        right = last is not None and "subject ran" not in last
    if manifest.status == end.status and tuple(ran) == end.ran and right:
        return None
    return f"{one.cell.name}: {manifest.status} after {ran}, given {last!r}; expected {end}"


def test_every_kind_of_pause_has_its_cells() -> None:
    assert CELLS.keys() == SUBJECTS.keys()
