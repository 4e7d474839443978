"""What the activities of one worker process share, and how they get at what a run has written."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from temporalio import activity

from agno_temporal.activities.begun import Begun
from agno_temporal.activities.bounds import size_of
from agno_temporal.activities.cache import BodyCache, Bounded
from agno_temporal.activities.history import MissingOutput, read_bodies, read_plan, read_request, read_results
from agno_temporal.activities.listings import Listings
from agno_temporal.activities.silent_database import Databases
from agno_temporal.activities.threads import Threads
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.live import Compiled
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import RunFacts, StepResult
from agno_temporal.plan import Plan
from agno_temporal.plan.data import to_json

if TYPE_CHECKING:
    from agno_temporal.webhooks import Webhooks

REQUESTS_KEPT_BYTES = 8 * 1024 * 1024
"""As JSON. With external storage one request may be as large; each step of its run reads it anew then."""

PLANS_KEPT = 64


class WorkflowUnknown(LookupError):
    """This worker has not the workflow of the run."""


class Host:
    """The workflows, threads and caches of one worker process."""

    def __init__(
        self,
        registry: Registry,
        threads: Threads,
        cache: BodyCache,
        webhooks: Webhooks | None = None,
        continue_after: int = 0,
    ) -> None:
        self.webhooks = webhooks
        self.continue_after = continue_after
        self.registry = registry
        self.threads = threads
        self.cache = cache
        self.begun = Begun()
        self.listings = Listings()
        self.databases = Databases()
        self._requests: Bounded[str] = Bounded(REQUESTS_KEPT_BYTES)
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    def compiled(self, name: str) -> Compiled:
        """
        Raises:
            WorkflowUnknown: This worker has it not; another, or the next version, may.
        """
        compiled = self.registry.get(name)
        if compiled is None:
            known = ", ".join(map(repr, self.registry.names())) or "none"
            raise WorkflowUnknown(
                f"This worker has no workflow {name!r}; it has {known}. Start a worker that has it, or cancel the run."
            )
        return compiled

    def db_of(self, name: str) -> object | None:
        """The database of that workflow, if this worker has both."""
        compiled = self.registry.get(name)
        return None if compiled is None else compiled.workflow.db

    async def request(self, facts: RunFacts) -> RunRequest:
        """The run's request: with the task where it is small, else from the run's first event."""
        if facts.request is not None:
            return facts.request
        run_id = temporal_run_id()
        kept: RunRequest | None = self._requests.get(run_id)
        if kept is not None:
            return kept
        request = await read_request(activity.client(), facts.run_id, run_id)
        self._requests.put(run_id, request, size_of(to_json(request)))
        return request

    async def older_plan(self, facts: RunFacts, compiled: Compiled) -> Plan | None:
        """The plan that a run follows, where it is not this worker's own.

        Raises:
            MissingOutput: The history does not hold it.
        """
        digest = facts.plan_digest
        if compiled.plan.digest.startswith(digest):
            return None
        if digest not in self._plans:
            plan = await read_plan(activity.client(), facts.run_id, temporal_run_id())
            if plan is None:
                raise MissingOutput(f"run {facts.run_id!r}: the history does not hold the plan that it follows.")
            self._plans[digest] = plan
            if len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
        return self._plans[digest]

    def keep(self, run_id: str, result: StepResult) -> None:
        """What this activity returns, for those that follow on this worker."""
        self.cache.put(run_id, activity.info().activity_id, result.digest, result.body, result.size)

    async def fill(self, bodies: Bodies, run_id: str) -> Bodies:
        """Bring what is not inline, from this worker's cache or from the history."""
        client, place = activity.client(), temporal_run_id()
        absent = {}
        for leaf in bodies.missing():
            body = self.cache.get(run_id, leaf.activity_id, leaf.digest)
            if body is None:
                absent[leaf.activity_id] = leaf
            else:
                bodies.add(leaf.activity_id, body)
        if absent:
            read = await read_bodies(client, run_id, place, absent.keys())
            for activity_id, body in read.items():
                bodies.add(activity_id, body)
                leaf = absent[activity_id]
                self.cache.put(run_id, activity_id, leaf.digest, body, leaf.size)
        if executors := bodies.missing_events():
            for activity_id, result in (await read_results(client, run_id, place, executors)).items():
                bodies.add_events(activity_id, result.get("events"))
        return bodies

    def row_writer(self, run_id: str, db: object | None) -> RunInThread:
        """Threads for writing a run's rows, one write at a time: a write that hung and was given up must not land after
        the one that followed it."""
        return self.threads.exclusively(f"rows of {run_id}", None if db is None else self.databases.pool(db))


def temporal_run_id() -> str:
    return activity.info().workflow_run_id or ""


def attempts_key() -> str:
    """One for all attempts at what this activity is to do."""
    return f"{temporal_run_id()}/{activity.info().activity_id}"
