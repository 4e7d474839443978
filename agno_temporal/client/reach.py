"""Whom a client of runs reaches: one server, and the workers of one queue.

A run is one Temporal workflow, its id the run's, whatever queue it is on: so whether there is such a run at all, and
whether it is this client's, are two questions. Temporal answers both without a worker.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import WorkerDeploymentVersion

from agno_temporal.client.idle import idle
from agno_temporal.connect.versioning import worker_of
from agno_temporal.contract import names
from agno_temporal.follow.errors import RunNotFound
from agno_temporal.follow.mending import described
from agno_temporal.follow.pinned import let_go, pinned_to
from agno_temporal.follow.pollers import polled

ANSWER_TIMEOUT = timedelta(seconds=10)
"""How long a worker may take to answer an update or a query. After a kill the first one may be lost for a second."""


class Reach:
    """What every part of a client has: where it calls, and how long it waits for an answer."""

    def __init__(
        self, client: Client, task_queue: str = names.TASK_QUEUE, *, answer_timeout: timedelta | None = None
    ) -> None:
        self.client = client
        self.task_queue = task_queue
        self._answer_timeout = answer_timeout

    @property
    def answer_timeout(self) -> timedelta:
        """How long a worker may take to answer a decision or a question."""
        return ANSWER_TIMEOUT if self._answer_timeout is None else self._answer_timeout

    async def exists(self, run_id: str) -> bool:
        """Whether there is such a run on this client's queue, of whatever workflow, open or closed."""
        return await self.workflow_of(run_id) is not None

    async def is_of(self, run_id: str, workflow_id: str) -> bool:
        """Whether there is such a run of this workflow on this client's queue."""
        return await self.workflow_of(run_id) == workflow_id

    async def workflow_of(self, run_id: str) -> str | None:
        """The id of the workflow that the run is of; None where there is no such run on this client's queue."""
        try:
            found = await self._describe(run_id)
        except RunNotFound:
            return None
        return found.workflow_type if found.task_queue == self.task_queue else None

    async def is_open(self, run_id: str) -> bool:
        """Whether the run is under way, paused or not.

        Raises:
            RunNotFound: There is no such run.
        """
        return (await self._describe(run_id)).status is WorkflowExecutionStatus.RUNNING

    async def has_worker(self) -> bool:
        """Whether any worker has polled the queue lately that is given anything."""
        known = await polled(self.client, self.task_queue)
        return bool(known.taking or known.waiting)

    async def nobody_begins(self) -> str | None:
        """Why nobody begins a run, and what to do; None where somebody does."""
        known = await polled(self.client, self.task_queue)
        if known.taking:
            return None
        if (found := idle(self.task_queue, known)) is not None:
            return f"{found.why}. {found.do} ({found.command})"
        return f"no worker polls task queue {self.task_queue!r}. Start one (agno-temporal worker module:workflow)"

    async def nobody_answers(self, run_id: str) -> str | None:
        """Why nobody answers for an open run, and what to do; None where somebody may: Temporal remembers workers for
        some minutes.

        Raises:
            RunNotFound: There is no such run.
        """
        if (version := pinned_to(await self._describe(run_id))) is None:
            return await self.nobody_begins()
        known = await polled(self.client, self.task_queue)
        if version in known.versions:
            return None
        return f"no worker is there that is given it. {self._bound(run_id, version)}"

    def _bound(self, run_id: str, version: WorkerDeploymentVersion) -> str:
        """Of a run that is pinned, and is not answered for: what to do."""
        return (
            f"It is pinned to version {version.to_canonical_string()!r}, and other workers are not given it: start one "
            f"of that version ({worker_of(version, self.task_queue)}), or have it go on with those that new runs go to "
            f"({let_go(run_id)})"
        )

    async def _describe(self, run_id: str) -> WorkflowExecutionDescription:
        return await described(self.client, run_id)
