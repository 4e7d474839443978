"""What a recording is: a workflow, and what is done to one run of it.

The workflow of a history is not needed to replay it, since a run follows its recorded plan. It is kept so that a
history can be understood, and recorded anew while the format is not released.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Any

from agno.workflow import Workflow
from temporalio.client import WorkflowFailureError
from temporalio.worker import Worker

from agno_temporal import StepOptions, Webhooks
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision
from tests.support import PATIENCE, Bench


class Drive:
    """One run that is being recorded. A worker is up unless `outage` stops it.

    `temporal_run_id` is the Temporal run whose history is taken; None is the last one.
    """

    def __init__(self, bench: Bench, workflow: Workflow, run_id: str) -> None:
        self.bench = bench
        self.webhooks: Webhooks | None = None
        self.continue_after: int | None = None
        self.steps: StepOptions | None = None
        self.temporal_run_id: str | None = None
        self.workflow = workflow
        self.run_id = run_id
        self._worker: AbstractAsyncContextManager[Worker] | None = None

    async def work(self) -> None:
        self._worker = self.bench.worker(
            self.workflow, steps=self.steps, webhooks=self.webhooks, continue_after=self.continue_after
        )
        await self._worker.__aenter__()

    async def outage(self) -> None:
        if self._worker is not None:
            await self._worker.__aexit__(None, None, None)
            self._worker = None

    async def start(self, input: Any = "bees", **options: Any) -> None:
        await self.bench.start(self.workflow, input, run_id=self.run_id, **options)

    async def asked(self) -> Asked:
        """The one question that is open, or the first of several."""
        return (await self.bench.paused(self.run_id))[0]

    async def update(self, action: Action, **answer: Any) -> None:
        await self.bench.runs.decide(self.run_id, Decision((await self.asked()).requirement.id, action, **answer))

    async def signal(self, action: Action, **answer: Any) -> None:
        await self.signal_to(await self.asked(), action, **answer)

    async def signal_to(self, asked: Asked, action: Action, **answer: Any) -> None:
        """Needs no worker."""
        await self.bench.runs.signal(self.run_id, Decision(asked.requirement.id, action, **answer))

    def decision(self, asked: Asked, action: Action) -> Decision:
        return Decision(asked.requirement.id, action)

    async def ended(self) -> None:
        """Wait for the end, whatever it is, past pauses that only the timer closes."""
        with suppress(WorkflowFailureError):
            await asyncio.wait_for(self.bench.client.get_workflow_handle(self.run_id).result(), PATIENCE)


@dataclass(frozen=True)
class Recording:
    """How one history came about. The run may still wait when its history is taken; `prepare` is done before there is a
    worker."""

    workflow: Callable[[], Workflow]
    drive: Callable[[Drive], Awaitable[None]]
    prepare: Callable[[Drive], Awaitable[None]] | None = None


async def to_the_end(run: Drive) -> None:
    await run.start()
    await run.ended()
