"""What must be true of a run after a kill."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator

from temporalio.api.history.v1 import HistoryEvent

from agno_temporal.contract import names
from agno_temporal.contract.tasks import Tried
from agno_temporal.plan.data import from_json
from tests.chapters.scenes import all_replay
from tests.crash.journal import Journal
from tests.unkillable.killing import Ended, kind_of, seconds
from tests.unkillable.story import Story, bare, story_of
from tests.unkillable.workflows import SUBJECTS
from tests.unkillable.world import Victim, World


async def holds(world: World, ended: Ended, undisturbed: Story) -> int:
    """The run ended as it does if nothing disturbs it, and nothing that was recorded happened again.

    Returns:
        How many decisions were looked at.
    """
    reviewer = ended.reviewer
    story = await story_of(world, reviewer)
    assert story.run["status"] == SUBJECTS[reviewer.subject].ends
    assert story.run == undisturbed.run
    assert story.output == undisturbed.output
    assert story.row == undisturbed.row
    assert story.approvals == undisturbed.approvals
    assert story.events == undisturbed.events
    assert story.acts == undisturbed.acts
    await _events_are_complete(ended)
    _nothing_recorded_ran_again(ended)
    if SUBJECTS[reviewer.subject].in_order:
        _nothing_before_an_answer_ran_after_it(ended)
    await all_replay(world.client, reviewer.run_id)
    return await reviewer.decides_nothing_more()


async def _events_are_complete(ended: Ended) -> None:
    """They are those that were streamed. A server that was killed may lose a workflow task after its worker has told
    what quick steps did in it: then they did it again, a moment later. And what one branch came to while another's row
    was written is, in a replay, of the moment when the row was there."""
    streamed = ended.reviewer.events
    assert [one.id for one in streamed] == list(range(len(streamed)))
    path = f"/v1/runs/{ended.reviewer.run_id}/events"
    page = await ended.reviewer.got(path, limit=500)
    assert page["ended"]
    told, kept = [one.data for one in streamed], page["events"]
    subject = SUBJECTS[ended.reviewer.subject]
    if not subject.in_order or (subject.quick and any(kill.victim is not Victim.API for kill in ended.kills)):
        told, kept = bare(told), bare(kept)
    assert kept == told


def _nothing_recorded_ran_again(ended: Ended) -> None:
    """A step in flight runs once more where its worker was killed, or the server that was to take its result; one whose
    end was written by then does not. The end of a quick step is written with that of its workflow task; and the task
    that an update brings is in the server's memory alone, so that a server that has just come up may lose it again."""
    fatal = [kill for kill in ended.kills if kill.victim is not Victim.API]
    recorded, failed = _recorded(ended), _failed(ended)
    quick = {step for step, _, _ in _tried(ended.history)}
    lines = Counter((line.event, line.step) for line in Journal(ended.reviewer.input).lines())
    for (event, step), times in lines.items():
        end = (failed if event == "failed" else recorded).get(step, math.inf)
        in_flight = [kill for kill in fatal if kill.at < end]
        losses = sum(2 if step in quick and kill.victim is not Victim.WORKER else 1 for kill in in_flight)
        assert times <= 1 + losses, f"{step} {event} {times} times, and {in_flight} before its end was written"


def _nothing_before_an_answer_ran_after_it(ended: Ended) -> None:
    """What precedes a question is recorded before anybody sees it, in whatever way it runs."""
    lines = Journal(ended.reviewer.input).lines()
    for given in ended.reviewer.given.values():
        before = {line.step for line in lines if line.at < given.sent_at}
        assert not before & {line.step for line in lines if line.at > given.sent_at}, given.question["step_name"]


def _failed(ended: Ended) -> dict[str, float]:
    """When the failure of each quick step was written."""
    return {step: at for step, at, tried in _tried(ended.history) if tried.error is not None}


def _tried(history: list[HistoryEvent]) -> Iterator[tuple[str, float, Tried]]:
    """The local attempts at quick steps, and when what they gave was written."""
    for event in history:
        if kind_of(event) != "MARKER_RECORDED":
            continue
        about = event.marker_recorded_event_attributes.details
        for call, result in zip(about["data"].payloads, about["result"].payloads, strict=False):
            one = json.loads(call.data)
            if one["activity_type"] == names.RUN_STEP:
                yield one["activity_id"], seconds(event), from_json(Tried, json.loads(result.data))


def _recorded(ended: Ended) -> dict[str, float]:
    """When the end of each activity was written."""
    scheduled: dict[int, str] = {}
    recorded = {step: at for step, at, tried in _tried(ended.history) if tried != Tried()}
    for event in ended.history:
        match kind_of(event):
            case "ACTIVITY_TASK_SCHEDULED":
                scheduled[event.event_id] = event.activity_task_scheduled_event_attributes.activity_id
            case "ACTIVITY_TASK_COMPLETED":
                completed = event.activity_task_completed_event_attributes
                recorded[scheduled[completed.scheduled_event_id]] = seconds(event)
            case "ACTIVITY_TASK_FAILED":
                failed = event.activity_task_failed_event_attributes
                recorded[scheduled[failed.scheduled_event_id]] = seconds(event)
    return recorded
