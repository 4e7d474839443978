"""The events that a run takes along: packed once, and read as if they were not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from agno.workflow import HumanReview, Loop, Step, Workflow

from agno_temporal.contract.events import EventsAsked
from agno_temporal.hitl import Action, Decision
from agno_temporal.workflows import chapters, earlier
from agno_temporal.workflows.earlier import Earlier
from agno_temporal.workflows.events import EventLog
from agno_temporal.workflows.saving import saved, unpacked_length
from tests.chapters.scenes import temporal_runs
from tests.support import Bench


def told(*counts: int, after: int = 0) -> list[dict[str, Any]]:
    """Events, of which some stand for several."""
    events: list[dict[str, Any]] = []
    for count in counts:
        events.append({"index": after, "kind": "told", "at": 1.0} | ({"count": count} if count > 1 else {}))
        after += count
    return events


def chain(*histories: list[dict[str, Any]]) -> Earlier:
    """What a run knows that has left so many histories."""
    so_far = Earlier()
    for newer in histories:
        so_far = Earlier(so_far.with_newer(newer))
    return so_far


HISTORIES = (told(1, 3), told(1, after=4), told(2, 1, 1, after=5))
ALL = [event for history in HISTORIES for event in history]


def test_packed_they_are_the_same_in_the_same_order() -> None:
    all_of = chain(*HISTORIES)
    assert [*all_of] == [all_of[position] for position in range(len(all_of))] == ALL


def test_each_knows_where_the_next_one_begins() -> None:
    all_of = chain(*HISTORIES)
    assert [all_of.end_of(position) for position in range(len(all_of))] == [1, 4, 5, 7, 8, 9]
    assert all_of.total == 9


def test_those_of_a_history_are_packed_once() -> None:
    all_of = chain(*HISTORIES)
    newer = all_of.with_newer(told(1, after=9))
    assert newer[:-1] == all_of.parts
    assert (newer[-1].count, newer[-1].end) == (1, 10)


def test_a_history_without_events_adds_nothing() -> None:
    all_of = chain(*HISTORIES)
    assert all_of.with_newer([]) == all_of.parts
    assert Earlier().with_newer([]) == ()


def test_those_that_were_handed_on_loose_are_packed_with_the_next_ones() -> None:
    loose = Earlier(loose=ALL)
    assert ([*loose], loose.total) == (ALL, 9)
    [part] = loose.with_newer(told(1, after=9))
    assert [*Earlier([part])] == [*ALL, *told(1, after=9)]


@pytest.mark.parametrize("position", [6, 100])
def test_there_are_no_others(position: int) -> None:
    with pytest.raises(IndexError):
        chain(*HISTORIES)[position]


def test_a_run_is_as_long_as_if_its_newest_events_were_not_packed() -> None:
    """Packed they have another length with another library, and what they are handed on in would be another."""
    newer = told(*[1] * 500)
    parts = Earlier().with_newer(newer)
    data = {"events_packed": [{"count": one.count, "end": one.end, "text": one.text} for one in parts]}
    text = json.dumps(data)
    assert unpacked_length(data, text) - len(json.dumps(newer)) == len(text) - len(parts[0].text)
    assert len(text) < len(json.dumps(newer)) / 10


def test_for_a_reader_who_keeps_up_none_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    log = EventLog("long")
    log.earlier = chain(*HISTORIES)
    log.total = log.earlier.total
    assert [event.index for event in log.page(EventsAsked(6), {}).events] == [7, 8]
    monkeypatch.setattr(earlier, "_read", None)
    assert log.page(EventsAsked(8), {}).events == ()


async def test_a_run_of_a_version_that_did_not_pack_goes_on_with_all_its_events(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rounds(name: str) -> Loop:
        return Loop(name=name, steps=[Step(name="work", executor=lambda _: "worked")], max_iterations=6)

    gate = Step(name="gate", executor=lambda _: "went", human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="upgraded", steps=[rounds("before"), gate, rounds("behind")])
    with monkeypatch.context() as before:
        before.setattr(chapters, "saved", lambda *run, **_: saved(*run, packs=False, is_inline_once=False))
        async with bench.worker(workflow, continue_after=10):
            run_id = await bench.start(workflow, "go")
            [asked] = await bench.paused(run_id)
            assert len(await temporal_runs(bench.client, run_id)) > 2
    async with bench.worker(workflow, continue_after=10):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)
        events = await bench.runs.told(run_id)
    assert [number for number, _ in events] == list(range(len(events)))
    assert [event.event for _, event in events].count("LoopIterationCompleted") == 12
