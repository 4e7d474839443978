"""From the call that decides a pause to the start of the step behind it, one pause after the other.

The runs wait before the clock starts, so that nothing else is under way; the worker has them in memory. Both sides
decide by an update with a validator, and both gates have a deadline.
"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from typing import Any

from agno.workflow import Workflow
from agno.workflow.types import HumanReview, StepInput
from temporalio.client import Client

from agno_temporal.contract import names
from agno_temporal.hitl import Action, Decision
from agno_temporal.plan.data import to_json
from benchmarks.engine import pause_by_hand
from benchmarks.engine.pause_by_hand import STARTED, Gate, Gated, release
from benchmarks.harness.interval import tail_ratio
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.rows import Row, at_most, compare, compare_cpu
from benchmarks.harness.scene import ByHand, Ours, Scene
from benchmarks.harness.steps import step

TITLE = "pause: from the decision to the start of the next step"


def gated(name: str = "gated", **settings: Any) -> Workflow:
    """A gate with a deadline, and the step behind it, which notes when it began."""
    gate = HumanReview(requires_confirmation=True, timeout=3600)
    return Workflow(name=name, steps=[step("release", note_start, human_review=gate)], **settings)


def note_start(given: StepInput) -> str:
    STARTED[str(given.input)] = time.perf_counter()
    return "released"


async def confirm_ours(client: Client, run_id: str, requirement_id: str) -> None:
    """The update as our callers send it."""
    decision = Decision(requirement_id, Action.CONFIRM, decided_by="ana")
    await client.get_workflow_handle(run_id).execute_update(names.DECIDE, to_json(decision), result_type=dict)


async def confirm_by_hand(client: Client, run_id: str) -> None:
    decision = pause_by_hand.Decision("gate", True, "ana")
    await client.get_workflow_handle(run_id).execute_update(Gated.decide, decision)


async def wait_at_gate(client: Client, run_id: str) -> None:
    """Until a run that was written by hand waits: then its timer has started. Nobody asks again and again for it, as
    ours does not either."""
    events = client.get_workflow_handle(run_id).fetch_history_events(wait_new_event=True)
    async for event in events:
        if event.HasField("timer_started_event_attributes"):
            return
    raise EOFError(f"run {run_id} ended without a question")


async def asked_by_hand(client: Client, run_id: str) -> str:
    """What a run that waits asks: ours is asked the same."""
    await wait_at_gate(client, run_id)
    asked: str | None = await client.get_workflow_handle(run_id).query("pending")
    assert asked is not None
    return asked


async def paused_ours(side: Ours, workflow: Workflow) -> tuple[str, str]:
    """A run that has told what it asks, and the id of its question."""
    run_id = await side.start(workflow, "a request")
    (asked,) = await side.paused(run_id)
    return run_id, asked.requirement.id


async def paused_by_hand(side: ByHand) -> tuple[str, str]:
    """The same, written by hand."""
    run_id = await side.start("a request")
    return run_id, await asked_by_hand(side.client, run_id)


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    pauses = scene.times(20, 2)

    def ours(side: Ours, workflow: Workflow) -> Round:
        async def one() -> float:
            run_id = await side.start(workflow, key := f"{side.queue}-{time.perf_counter_ns()}")
            (asked,) = await side.paused(run_id)
            began = time.perf_counter()
            await confirm_ours(side.client, run_id, asked.requirement.id)
            await side.result(run_id)
            return 1_000 * (STARTED.pop(key) - began)

        async def round() -> list[float]:
            return [await one() for _ in range(pauses)]

        return round

    def by_hand(side: ByHand) -> Round:
        async def one() -> float:
            run_id, _ = await paused_by_hand(side)
            began = time.perf_counter()
            await confirm_by_hand(side.client, run_id)
            await side.result(run_id)
            return 1_000 * (STARTED.pop(run_id) - began)

        async def round() -> list[float]:
            return [await one() for _ in range(pauses)]

        return round

    async with AsyncExitStack() as stack:
        workflow = gated()
        side = await stack.enter_async_context(scene.ours(workflow))
        sandboxed = await stack.enter_async_context(scene.by_hand(Gate, [release]))
        plain = await stack.enter_async_context(scene.by_hand(Gate, [release], sandboxed=False))
        contenders = {
            "by hand": by_hand(sandboxed),
            "by hand, unsandboxed": by_hand(plain),
            "ours": ours(side, workflow),
        }
        measured = await interleaved(scene.pairs, contenders, ["by hand", "by hand, unsandboxed"])
    found: list[Row] = [
        row
        for against in ("by hand", "by hand, unsandboxed")
        for row in (
            compare("median", "ms", measured, "ours", against, at_most(1.05)),
            compare("99th percentile", "ms", measured, "ours", against, at_most(1.05), by=tail_ratio),
        )
    ]
    return [*found, compare_cpu("start to end", measured, "ours", "by hand")]
