"""What is exact: events, workflow tasks, bytes, billable actions and requests, for each thing that a run can do.

These are the gate: they are the same on every machine and at every load. Each figure is the difference of two runs, one
with the thing and one without it (or with one more of it), so that what a run costs by itself does not blur it. The
bounds are what is counted today, with room for ids and numbers of different length in bytes: each rise is a decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from agno.db.sqlite import SqliteDb
from agno.workflow import Workflow
from agno.workflow.types import HumanReview

from agno_temporal import RunClient, StepOptions
from agno_temporal.hitl import Action, Decision
from benchmarks.engine.counters_by_hand import Counted as ByHandJob
from benchmarks.engine.counters_by_hand import Job, work
from benchmarks.engine.pause import confirm_by_hand, wait_at_gate
from benchmarks.harness.histories import Cost, cost
from benchmarks.harness.requests import Requests, counted
from benchmarks.harness.rows import Counted, Row, at_most
from benchmarks.harness.scene import ByHand, Ours, Scene
from benchmarks.harness.steps import step

TITLE = "what a run writes and asks for"

STEPS = (1, 5)


@dataclass(frozen=True, slots=True)
class Whole:
    """What a run has written, and asked the server for."""

    written: Cost
    requests: int
    heartbeats: int
    queries: int


def steps(count: int, *, gate: bool = False, db: Any = None, name: str = "counted") -> Workflow:
    """So many steps; behind a gate, if wanted."""
    review = HumanReview(requires_confirmation=True, timeout=3600) if gate else None
    first = step("s0", lambda _: "done", human_review=review)
    rest = [step(f"s{number}", lambda _: "done") for number in range(1, count)]
    return Workflow(name=name, steps=[first, *rest], db=db)


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    db = SqliteDb(db_file=str(scene.directory / "agno.db"))
    few, many = (steps(count, name=f"steps-{count}") for count in STEPS)
    gate = steps(1, gate=True, name="gate")
    stored, gate_stored = steps(1, db=db, name="stored"), steps(1, gate=True, db=db, name="gate-stored")
    async with AsyncExitStack() as stack:
        client, requests = await stack.enter_async_context(counted(scene.address))
        own = replace(scene, client=client)
        ours = await stack.enter_async_context(own.ours(few, many, gate, stored, gate_stored))
        by_hand = await stack.enter_async_context(own.by_hand(Job, [work]))
        quick = await stack.enter_async_context(own.ours(few, many, options=StepOptions(quick=True)))
        one, five = [await _of_ours(ours, requests, workflow) for workflow in (few, many)]
        quick_one, quick_five = [await _of_ours(quick, requests, workflow) for workflow in (few, many)]
        paused, in_db, paused_in_db = [await _of_ours(ours, requests, one) for one in (gate, stored, gate_stored)]
        followed = await _of_ours(ours, requests, few, subscribers=10)
        hand_one, hand_five = [await _by_hand(by_hand, requests, ByHandJob(count)) for count in STEPS]
        hand_paused = await _by_hand(by_hand, requests, ByHandJob(1, gate=True))
    return [
        *_rows("a run of 5 steps", (five, None), (hand_five, None), events=36, tasks=6, size=12_400),
        *_rows("a step", (five, one), (hand_five, hand_one), share=STEPS[1] - STEPS[0], events=6, tasks=1, size=2_300),
        *_rows(
            "a step declared quick",
            (quick_five, quick_one),
            None,
            share=STEPS[1] - STEPS[0],
            events=1,
            tasks=0,
            size=1_150,
        ),
        *_rows("a pause", (paused, one), (hand_paused, hand_one), events=7, tasks=1, size=1_530),
        *_rows("a database", (in_db, one), None, events=1, tasks=0, size=500),
        *_rows("a pause with a database", (paused_in_db, in_db), None, events=8, tasks=1, size=2_000),
        *_rows("10 subscribers on one API", (followed, one), None, events=0, tasks=0, size=60),
    ]


async def _of_ours(side: Ours, requests: Requests, workflow: Workflow, subscribers: int = 0) -> Whole:
    requests.taken()
    runs = side.runs
    run_id = await side.start(workflow, "a request", runs)
    following = [asyncio.create_task(_followed(runs, run_id)) for _ in range(subscribers)]
    if workflow.name and workflow.name.startswith("gate"):
        (asked,) = await side.paused(run_id)
        await runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
    await side.result(run_id)
    await asyncio.gather(*following)
    return await _whole(side, requests, run_id)


async def _followed(runs: RunClient, run_id: str) -> None:
    async for _ in runs.events(run_id):
        pass


async def _by_hand(side: ByHand, requests: Requests, job: ByHandJob) -> Whole:
    requests.taken()
    run_id = await side.start(job)
    if job.gate:
        await wait_at_gate(side.client, run_id)
        await confirm_by_hand(side.client, run_id)
    await side.result(run_id)
    return await _whole(side, requests, run_id)


async def _whole(side: Ours | ByHand, requests: Requests, run_id: str) -> Whole:
    counts = requests.taken()
    written = await cost(side.client, run_id)
    return Whole(written, counts.total(), counts["RecordActivityTaskHeartbeat"], counts["QueryWorkflow"])


def _rows(
    what: str,
    ours: tuple[Whole, Whole | None],
    by_hand: tuple[Whole, Whole | None] | None,
    *,
    events: int,
    tasks: int,
    size: int,
    share: int = 1,
) -> Sequence[Row]:
    """What the first run of each side has that the second has not, by `share`."""
    own = _figures(*ours, share)
    hand = _figures(*by_hand, share) if by_hand else {}
    targets = {"events": at_most(events), "workflow tasks": at_most(tasks), "bytes": at_most(size)}
    return [Counted(what, unit, figure, hand.get(unit), targets.get(unit)) for unit, figure in own.items()]


def _figures(one: Whole, without: Whole | None, share: int) -> dict[str, int]:
    def figures(whole: Whole) -> dict[str, int]:
        written = whole.written
        return {
            "events": written.events,
            "workflow tasks": written.tasks,
            "actions": written.actions + whole.heartbeats + whole.queries,
            "heartbeats": whole.heartbeats,
            "queries": whole.queries,
            "requests": whole.requests,
            "bytes": written.bytes,
        }

    less = figures(without) if without else {}
    return {unit: (figure - less.get(unit, 0)) // share for unit, figure in figures(one).items()}
