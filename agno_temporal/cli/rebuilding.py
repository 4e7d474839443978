"""The projection, written anew from Temporal: for a database that was lost or restored, and for runs that were
terminated, of whose end no worker has heard, or reset, whose rows tell of a later state than it is in.

Temporal's history knows everything that the rows say, and the interpreter replays it here, without a worker. What a
session keeps is its newest run's, so that the runs are written from the oldest to the newest, and an older one leaves
the session's state alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeAlias, TypeVar

from agno.workflow import Workflow
from temporalio.client import WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.agno_bridge.database_errors import is_of_a_database
from agno_temporal.agno_bridge.lost_rows import end_rows
from agno_temporal.agno_bridge.newest_run import is_newest
from agno_temporal.agno_bridge.projection import write_projection
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.agno_bridge.row_order import Over
from agno_temporal.cli.console import print_json, say
from agno_temporal.cli.exits import ExitCode, Failed, show_bug, tell, verdict
from agno_temporal.cli.lost_runs import Lost, lost_runs, told
from agno_temporal.client import RunClient, RunNotFound, RunSummary
from agno_temporal.connect.loading import load_workflows
from agno_temporal.contract.manifest import Manifest, moment_of
from agno_temporal.follow import replayed
from agno_temporal.follow.mending import described, has_task, reset_at, was_reset

T = TypeVar("T")

RECORDED_AFTER = 1.0
"""Seconds. A worker writes the rows before Temporal has recorded the workflow task that they are of."""

AHEAD = (
    "the database tells of a later state than Temporal does, as after Temporal was restored from a backup; --force "
    "writes what Temporal has"
)


@dataclass(frozen=True)
class Rebuilt:
    """What became of one run; `why` where nothing was written. `status` is None where it could not be read."""

    run_id: str
    workflow_id: str
    status: str | None
    why: str | None = None


async def rebuilt(
    runs: RunClient,
    app: Sequence[str],
    run_id: str | None,
    session_id: str | None,
    as_json: bool,
    over: Over = Over.SAME,
    ends_lost: bool = False,
) -> ExitCode | None:
    """Write the rows of one run, of a session's, or without either of all, and say what was written. Of several, one
    that cannot be read or written keeps none of the others; the exit code is that of the first.

    Args:
        over: What the rows may tell that are written over.
        ends_lost: Also end the open rows of runs that Temporal does not have.

    Raises:
        CannotLoad, PlanError: The app has no workflows that could be run.
        RunNotFound: There is no such run.
        Exception: Why the one run that is meant cannot be written; or what Temporal, or the database, failed with.
    """
    registry = Registry()
    for workflow in await asyncio.to_thread(load_workflows, app):
        registry.add(workflow)
    rebuilding = _Rebuilding(runs, registry, over, ends_lost)
    several = rebuilding.one(run_id) if run_id is not None else rebuilding.several(session_id)
    found: list[Done] = []
    async for one in several:
        found.append(one)
        if not as_json:
            _show(one[0])
    done = [one for one, _ in found]
    if as_json:
        print_json({"runs": [asdict(one) for one in done]})
    if not done:
        raise Failed("Temporal has no run that is meant.", ExitCode.NOT_FOUND)
    left = [code for one, code in found if one.why is not None]
    tell(f"Written: {len(done) - len(left)} of {len(done)} runs.")
    return left[0] if left else None


Done: TypeAlias = tuple[Rebuilt, ExitCode]
"""What became of a run, and the exit code that it has where it is not written."""


@dataclass(frozen=True)
class _Rebuilding:
    """How it is done."""

    runs: RunClient
    registry: Registry
    over: Over
    ends_lost: bool

    async def one(self, run_id: str) -> AsyncIterator[Done]:
        try:
            manifest = await manifest_of(self.runs, run_id)
        except RunNotFound:
            lost = await lost_runs(self.runs, self.registry, run_id=run_id)
            if not lost:
                raise
            if not self.ends_lost:
                raise Failed(told(lost), ExitCode.NOT_FOUND) from None
            for one in lost:
                yield await _ended(one), ExitCode.USAGE
        else:
            yield await _written(self.runs, self.registry, manifest, self.over), ExitCode.USAGE

    async def several(self, session_id: str | None) -> AsyncIterator[Done]:
        """All runs, or a session's. Each is read directly before it is written: while others are, it goes on."""
        there = await _from_the_oldest(self.runs)
        for listed in there:
            done = await _tried(listed.run_id, listed.workflow_id, self._rebuilt(listed.run_id, session_id))
            if done is not None:
                yield done
        ids = {listed.run_id for listed in there}
        lost = await lost_runs(self.runs, self.registry, session_id=session_id, there=ids)
        if lost and not self.ends_lost:
            tell(told(lost))
        for one in lost if self.ends_lost else ():
            done = await _tried(one.row.run_id, one.row.workflow_id or "", _ended(one))
            if done is not None:
                yield done

    async def _rebuilt(self, run_id: str, session_id: str | None) -> Rebuilt | None:
        """None where the run is of another session."""
        manifest = await manifest_of(self.runs, run_id)
        if session_id not in (None, manifest.session_id):
            return None
        return await _written(self.runs, self.registry, manifest, self.over)


async def _tried(run_id: str, workflow_id: str, work: Awaitable[Rebuilt | None]) -> Done | None:
    """What became of one of several runs, also where it failed.

    Raises:
        Exception: No other run would fare better.
    """
    try:
        one = await work
    except Exception as error:
        if _is_of_all(error):
            raise
        code, why = verdict(error)
        show_bug(code, error)
        return Rebuilt(run_id, workflow_id, None, why), code
    return None if one is None else (one, ExitCode.USAGE)


async def _ended(lost: Lost) -> Rebuilt:
    row = lost.row
    is_ended = await end_rows(lost.workflow, row, in_thread)
    return Rebuilt(row.run_id, row.workflow_id or "", "ERROR", None if is_ended else "its row is gone meanwhile")


def _is_of_all(error: Exception) -> bool:
    """Whether Temporal or the database has failed, so that no other run would fare better."""
    if isinstance(error, RPCError):
        return error.status is not RPCStatusCode.NOT_FOUND
    return is_of_a_database(error) or isinstance(error, ConnectionError)


def _show(one: Rebuilt) -> None:
    say(f"{one.run_id} of {one.workflow_id}: {'not written: ' + one.why if one.why else one.status}")


async def _from_the_oldest(runs: RunClient) -> list[RunSummary]:
    """All runs, by Temporal's word of when they started: agno's own is in whole seconds."""
    listed = {one.run_id: one async for one in runs.list_runs()}
    return sorted(listed.values(), key=lambda one: one.started_at)


async def manifest_of(runs: RunClient, run_id: str) -> Manifest:
    """The run as Temporal has it, whether a worker is there or not, and however it ended."""
    description = await described(runs.client, run_id)
    if description.status in (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.FAILED):
        return await runs.manifest(run_id)
    known = await replayed.manifest_of(runs.client, run_id)
    if description.status is WorkflowExecutionStatus.RUNNING and known is not None:
        return _since_reset(known, description)
    ended = await runs.manifest(run_id)
    if known is None or ended.plan_digest:
        return ended
    took = (description.close_time or description.start_time) - description.start_time
    return replace(
        known,
        status=ended.status,
        content=ended.content,
        content_of=None,
        quiet=False,
        duration=took.total_seconds(),
        as_of=None,
    )


def _since_reset(told: Manifest, description: WorkflowExecutionDescription) -> Manifest:
    """With its place among the writes, also where no worker has taken it up since it was reset."""
    at = reset_at(description)
    if at is None or told.as_of is None:
        return told
    since, *rest = told.as_of
    return replace(told, as_of=(max(since, moment_of(at)), *rest))


async def _written(runs: RunClient, registry: Registry, manifest: Manifest, over: Over) -> Rebuilt:
    compiled = registry.get(manifest.workflow_id)
    why = None
    if compiled is None:
        why = f"the app has no workflow {manifest.workflow_id!r}; it has {', '.join(registry.names())}"
    elif compiled.workflow.db is None:
        why = f"workflow {manifest.workflow_id!r} has no database"
    elif not manifest.plan_digest:
        why = "it was never opened, and has no rows"
    else:
        manifest, is_written = await _brought(runs, compiled.workflow, manifest, over)
        why = None if is_written else AHEAD
    return Rebuilt(manifest.run_id, manifest.workflow_id, manifest.status, why)


async def _brought(runs: RunClient, workflow: Workflow, manifest: Manifest, over: Over) -> tuple[Manifest, bool]:
    """Write the run, again where it has gone on meanwhile. The run as it was at last, and whether it is written: not
    where it stands still, and the rows are ahead of it nevertheless."""
    while not await _brought_over(runs, workflow, manifest, Over.SAME):
        if await has_task(runs.client, manifest.run_id):
            await asyncio.sleep(RECORDED_AFTER)
        before, manifest = manifest, await manifest_of(runs, manifest.run_id)
        if manifest == before:
            return manifest, over is Over.LATER and await _brought_over(runs, workflow, manifest, over)
    return manifest, True


async def _brought_over(runs: RunClient, workflow: Workflow, manifest: Manifest, over: Over) -> bool:
    newest = await is_newest(workflow, manifest, in_thread)
    run = await runs.whole(manifest)
    is_back = over is Over.LATER or await was_reset(runs.client, manifest.run_id)
    return await write_projection(workflow, manifest, run, in_thread, with_state=newest, is_back=is_back, over=over)


async def in_thread(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)
