"""Outputs and requests, read from the history that they were written to.

An output is written once, as its activity's result; a step on another worker, or a reader, needs it from there. A step
asks for what is recent, so it reads backwards (`backwards`). A reader that needs everything reads forwards, once.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from typing import Any

from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.backwards import PAGE_WITHIN, events_backwards, newest_events
from agno_temporal.contract import names
from agno_temporal.contract.chapter import Carried, Chapter, Continued, Kept, inline, unpacked
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.sealed import Unreadable, refuse_unopened
from agno_temporal.contract.tasks import Flow, OpenedRun, StepTask
from agno_temporal.plan import Plan
from agno_temporal.plan.data import DataError, Json, from_json

FIRST_PAGE = 20
"""Enough to hold a run's plan, and little enough to read each time."""


class MissingOutput(LookupError):
    """The history does not hold an output that the run refers to."""


async def read_bodies(client: Client, workflow_id: str, run_id: str, activity_ids: Collection[str]) -> dict[str, Json]:
    """The bodies of these activities' results.

    Raises:
        MissingOutput: One of them is not there.
    """
    read = await read_results(client, workflow_id, run_id, activity_ids)
    return {activity_id: result["body"] for activity_id, result in read.items()}


async def read_results(client: Client, workflow_id: str, run_id: str, activity_ids: Collection[str]) -> dict[str, Json]:
    """These activities' results, whole.

    Raises:
        MissingOutput: One of them is not there.
    """
    found = {name: result async for name, result in results_of(client, workflow_id, run_id, activity_ids)}
    if missing := set(activity_ids) - found.keys():
        raise MissingOutput(f"run {workflow_id!r}: the history has no result of {', '.join(sorted(missing))}.")
    return found


async def results_of(
    client: Client, workflow_id: str, run_id: str, activity_ids: Collection[str]
) -> AsyncIterator[tuple[str, Json]]:
    """Those of these activities' results that are there, the last one first.

    A Temporal run holds, beside its own, what was brought into it from the one before (`activities.carry`), and what
    came along inline. Where it was not brought yet, the one before is read.
    """
    wanted = set(activity_ids)
    place: str | None = run_id
    while wanted and place is not None:
        before: str | None = None
        results: dict[int, Payload] = {}
        async for event in events_backwards(client, workflow_id, place, may_be_gone=place != run_id):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
                before = event.workflow_execution_started_event_attributes.continued_execution_run_id or None
                came = await _came_along(client, workflow_id, place, event) if wanted else {}
                for activity_id in [one for one in came if one in wanted]:
                    wanted.discard(activity_id)
                    yield activity_id, {"body": came[activity_id]}
            elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                completed = event.activity_task_completed_event_attributes
                if completed.result.payloads:
                    results[completed.scheduled_event_id] = completed.result.payloads[0]
            elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                scheduled = event.activity_task_scheduled_event_attributes
                payload = results.pop(event.event_id, None)
                if payload is None:
                    continue
                if scheduled.activity_type.name == names.CARRY:
                    what = f"What {scheduled.activity_id} brought into run {workflow_id!r}"
                    brought: dict[str, Json] = (await _decoded(client, payload, what)).get("results") or {}
                    for activity_id in [one for one in brought if one in wanted]:
                        wanted.discard(activity_id)
                        yield activity_id, brought[activity_id]
                elif scheduled.activity_id in wanted:
                    wanted.discard(scheduled.activity_id)
                    what = f"What {scheduled.activity_id} of run {workflow_id!r} answered"
                    yield scheduled.activity_id, await _decoded(client, payload, what)
            elif (activity_id := _tried(event)) in wanted:
                what = f"What {activity_id} of run {workflow_id!r} answered"
                for payload in _local_result(event, names.RUN_STEP):
                    if (result := (await _decoded(client, payload, what)).get("result")) is not None:
                        wanted.discard(activity_id)
                        yield activity_id, result
            if not wanted:
                return
        place = before


async def _came_along(client: Client, workflow_id: str, run_id: str, first: HistoryEvent) -> dict[str, Json]:
    """The outputs that a Temporal run was handed inline, by their activities; none, where it goes on with nothing.

    Args:
        first: Its first event.
    """
    continued = await _continued(client, workflow_id, first)
    if continued is None:
        return {}
    behind = client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history_events(page_size=FIRST_PAGE)
    return inline((await _chapter(client, workflow_id, continued, behind)).journal)


async def read_flows(client: Client, workflow_id: str, run_id: str, flow: Flow) -> AsyncGenerator[Flow, None]:
    """The flows that a step's flow leaves the rest to, one after the other, as far back as that goes.

    Raises:
        MissingOutput: One of them is not there.
    """
    listed = flow.listed
    async for event in events_backwards(client, workflow_id, run_id):
        if listed is None:
            return
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_id == listed.activity_id:
            what = f"What {scheduled.activity_id} of run {workflow_id!r} was given"
            older = from_json(StepTask, await _decoded(client, scheduled.input.payloads[0], what)).flow
            yield older
            listed = older.listed
    if listed is not None:
        raise MissingOutput(f"run {workflow_id!r}: the history has no task of {listed.activity_id}.")


async def read_kept(client: Client, workflow_id: str, run_id: str, activity_id: str) -> str:
    """A piece that a Temporal run has kept for the next one.

    Raises:
        MissingOutput: It is not there.
    """
    async for event in events_backwards(client, workflow_id, run_id):
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name == names.KEEP and scheduled.activity_id == activity_id:
            what = f"What run {workflow_id!r} kept as {activity_id}"
            return from_json(Kept, await _decoded(client, scheduled.input.payloads[0], what)).text
    raise MissingOutput(f"run {workflow_id!r}: its Temporal run {run_id} has no piece {activity_id!r}.")


async def read_request(client: Client, workflow_id: str, run_id: str | None) -> RunRequest:
    """The request that a run was started with; an empty one where it was none, of which the run has died."""
    first = await _first_event(client, workflow_id, run_id or "")
    payloads = first.workflow_execution_started_event_attributes.input.payloads
    try:
        if not payloads:
            return RunRequest()
        return from_json(RunRequest, await _decoded(client, payloads[0], f"The request of run {workflow_id!r}"))
    except DataError:
        return RunRequest()
    except Unreadable as error:
        if isinstance(error.__cause__, KeyError):  # Of an encoding that no converter knows.
            return RunRequest()
        raise


async def leads_to(client: Client, workflow_id: str, earlier: str, run_id: str) -> bool:
    """Whether a Temporal run is an earlier one, or goes on from its end. Where a run was put back, what is behind that
    place leads nowhere. Where one in between is kept no longer nobody can tell, and it is taken to be so."""
    place: str | None = run_id
    while place and place != earlier:
        try:
            first = await _first_event(client, workflow_id, place)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and place != run_id:
                return True
            raise
        place = first.workflow_execution_started_event_attributes.continued_execution_run_id
    return bool(place)


async def read_recorded(client: Client, workflow_id: str, run_id: str) -> Json:
    """What a cancelled run recorded last (`activities.record`); None if it was cancelled before it could."""
    async for event in events_backwards(client, workflow_id, run_id):
        for payload in _local_result(event, names.RECORD):
            return await _decoded(client, payload, f"What run {workflow_id!r} left when it was cancelled")
    return None


async def _first_event(client: Client, workflow_id: str, run_id: str) -> HistoryEvent:
    page = await client.workflow_service.get_workflow_execution_history(
        GetWorkflowExecutionHistoryRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
            maximum_page_size=1,
        ),
        retry=True,
        timeout=PAGE_WITHIN,
    )
    return page.history.events[0]


async def read_plan(client: Client, workflow_id: str, run_id: str | None = None) -> Plan | None:
    """The plan that a run follows; None where it was never opened."""
    opened = await read_opened(client, workflow_id, run_id)
    return None if opened is None else opened.plan


async def read_opened(client: Client, workflow_id: str, run_id: str | None = None) -> OpenedRun | None:
    """How a run was opened; None where it never was. It stands near the beginning of the history, as the result of
    `open_run`: of its local attempt, or where that gave up, of the regular one. A Temporal run that goes on with
    another one's begins with it, or with the activities that bring it."""
    opening: set[int] = set()
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    events = handle.fetch_history_events(page_size=FIRST_PAGE)
    async for event in events:
        payloads = _local_result(event, names.OPEN_RUN)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            if (continued := await _continued(client, workflow_id, event)) is not None:
                return (await _chapter(client, workflow_id, continued, events)).opened
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            if event.activity_task_scheduled_event_attributes.activity_type.name == names.OPEN_RUN:
                opening.add(event.event_id)
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            completed = event.activity_task_completed_event_attributes
            if completed.scheduled_event_id in opening:
                payloads = completed.result.payloads
        for payload in payloads:
            opened = from_json(OpenedRun, await _decoded(client, payload, f"The plan of run {workflow_id!r}"))
            if opened.plan is not None:
                return opened
    return None


async def _continued(client: Client, workflow_id: str, first: HistoryEvent) -> Continued | None:
    """What a Temporal run goes on with, by its first event; None where it is a run's first."""
    started = first.workflow_execution_started_event_attributes
    if not started.continued_execution_run_id or len(started.input.payloads) != 2:
        return None
    what = f"What run {workflow_id!r} went on with"
    return from_json(Continued, await _decoded(client, started.input.payloads[1], what))


async def _chapter(
    client: Client, workflow_id: str, continued: Continued, events: AsyncIterator[HistoryEvent]
) -> Chapter:
    """What a Temporal run began with. Pieces are the first that its activities brought; the history that they were kept
    in may be deleted since. What is not brought yet is read there.

    Args:
        events: Of the Temporal run, all or those behind the first one.
    """
    if continued.chapter is not None:
        return from_json(Chapter, continued.chapter)
    pieces: list[str] = []
    async for event in events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            what = f"What was brought into run {workflow_id!r}"
            payload = event.activity_task_completed_event_attributes.result.payloads[0]
            pieces.append(from_json(Carried, await _decoded(client, payload, what)).text or "")
            if len(pieces) == len(continued.kept):
                break
    for missing in continued.kept[len(pieces) :]:
        pieces.append(await read_kept(client, workflow_id, continued.run_id, missing))
    return from_json(Chapter, json.loads("".join(map(unpacked, pieces))))


async def signal_times(client: Client, workflow_id: str, run_id: str, ordinals: Collection[int]) -> dict[int, float]:
    """When the n-th signals of a run (from 1) were written, in seconds since the epoch, by the server's clock."""
    times: dict[int, float] = {}
    count = 0
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            count += 1
            if count in ordinals:
                times[count] = event.event_time.ToNanoseconds() / 1e9
    return times


async def newest_event_time(client: Client, workflow_id: str) -> float:
    """When the run's newest event was written, in seconds since the epoch, by the server's clock. It is later than that
    now."""
    newest = (await newest_events(client, workflow_id, page=1))[0]
    return newest.event_time.ToNanoseconds() / 1e9


def _local_result(event: HistoryEvent, name: str) -> Sequence[Payload]:
    """What a local activity of this name answered, where the event is its marker."""
    if _local(event).get("activity_type") != name:
        return ()
    return event.marker_recorded_event_attributes.details["result"].payloads


def _tried(event: HistoryEvent) -> str:
    """The id of the step that was run by a local activity, where the event is its marker."""
    about = _local(event)
    return str(about["activity_id"]) if about.get("activity_type") == names.RUN_STEP else ""


def _local(event: HistoryEvent) -> dict[str, Any]:
    """What the marker of a local activity says of it; nothing, where the event is none."""
    if event.event_type != EventType.EVENT_TYPE_MARKER_RECORDED:
        return {}
    details = event.marker_recorded_event_attributes.details
    about: dict[str, Any] = json.loads(details["data"].payloads[0].data) if "data" in details else {}
    return about


async def _decoded(client: Client, payload: Payload, what: str) -> Any:
    """
    Raises:
        Unreadable: It is encrypted with a key that is not here, or it is in an external storage that has it not, or
            that does not answer.
    """
    try:
        refuse_unopened(payload.metadata if client.data_converter.payload_codec is None else {})
        return (await client.data_converter.decode([payload]))[0]
    except Exception as error:
        raise Unreadable(f"{what} cannot be read: {error}") from error
