"""A run as data, and back.

Everything that a run knows is in here, or follows from what is. What is forgotten on purpose: of many questions, those
that were answered longest ago. Nobody waits for them; whoever decides one again is told that it was decided, and no
longer by whom (`hitl.forgotten`).
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import replace
from typing import Any, Final, TypeVar, cast

from agno_temporal.contract.chapter import Chapter, inline, named, unpacked
from agno_temporal.contract.events import Event
from agno_temporal.contract.manifest import Asked
from agno_temporal.contract.outputs import Budget, Leaf
from agno_temporal.hitl import Forgotten
from agno_temporal.plan.data import Json, field_names, to_json
from agno_temporal.workflows.earlier import Earlier
from agno_temporal.workflows.journal import Strand
from agno_temporal.workflows.notices import Notices
from agno_temporal.workflows.run_state import RunState

T = TypeVar("T")

ANSWERED_KEPT: Final = 2_000
"""How many answered questions a run takes along."""

SHOWN_BYTES: Final = 500_000
"""How much the questions may have with what answered ones were asked with; else that is left out."""

INLINE_BYTES: Final = 256 * 1024
"""How much of the outputs stays in the run's memory, as it was. The rest is read from the history."""

_OF_ONE_RUN: Final = ("keep", "carry")
"""What is counted anew in each Temporal run."""


def saved(state: RunState, notices: Notices, root: Strand, *, packs: bool, is_inline_once: bool) -> Json:
    """The run, where all of it rests.

    Args:
        packs: Whether its events are packed, as they have not always been.
        is_inline_once: Whether what goes along inline is not brought as well, as it used to be.
    """
    entries, newer = root.entries(), state.events.newer()
    journal = _trimmed(entries, Budget(INLINE_BYTES))
    asked, forgotten = _asked(state)
    names = dict.fromkeys(one.activity_id or "" for one in named((entries, asked, newer)))
    if is_inline_once:
        outputs = _brought(state, newer, names, inline(journal))
    else:
        outputs = tuple({**dict.fromkeys(state.outputs), **names})
    chapter = Chapter(
        opened=replace(state.opened, session_state=None),
        started_at=state.started_at,
        session_state=state.session_state.values,
        asked=asked,
        approved=tuple(sorted(state.approved)),
        progress=dict(state.progress),
        refused=tuple(state.refused),
        occurrences={key: count for key, count in state.occurrences.items() if key not in _OF_ONE_RUN},
        outputs=outputs,
        event_runs=state.events.runs(),
        inside=state.events.inside(),
        reminders=notices.reminders(),
        journal=journal,
        forgotten=dict(forgotten.until) or None,
        edited=state.ledger.edited,
    )
    events = [to_json(event) for event in newer]
    if not packs:
        return {**to_json(chapter), "events": [*state.events.earlier, *events]}
    return to_json(replace(chapter, events_packed=state.events.earlier.with_newer(events)))


def unpacked_length(data: Json, text: str) -> int:
    """How long a run's JSON would be without this Temporal run's events packed. What is decided is decided by this: how
    long they are packed depends on the library that does it, and a replay may have another."""
    parts = data.get("events_packed")
    return len(text) + (len(unpacked(parts[-1]["text"])) - len(parts[-1]["text"]) if parts else 0)


def restored(state: RunState, notices: Notices, chapter: Chapter) -> Strand:
    """Make a fresh state that run's. Returns the journal of its walk."""
    assert chapter.opened.plan is not None
    state.go_on(chapter)
    notices.go_on(chapter.opened.audience, chapter.reminders or {})
    earlier = Earlier(chapter.events_packed, chapter.events or ())
    state.events.go_on(chapter.opened.plan, earlier, chapter.event_runs, chapter.inside or {})
    return Strand(state.session_state, chapter.journal)


def _brought(
    state: RunState, newer: tuple[Event, ...], names: dict[str, None], along: dict[str, Json]
) -> tuple[str, ...]:
    """The activities whose results are brought into the next Temporal run: those that were brought into this one, those
    with what an executor said, and all that do not go along inline, also where they came so, and the journal has
    forgotten them since."""
    must = dict.fromkeys([*state.outputs, *(one.activity_id or "" for one in named(newer) if isinstance(one, Event))])
    known = {**dict.fromkeys(state.outputs), **dict.fromkeys(state.inline), **names}
    return tuple(name for name in known if name in must or name not in along)


def _trimmed(value: T, budget: Budget) -> T:
    """The same with the bodies of outputs as far as the budget goes, the last one first."""
    result: Any = value
    if isinstance(value, Leaf):
        result = budget.trim(value)
    elif isinstance(value, tuple):
        result = tuple(reversed([_trimmed(item, budget) for item in reversed(value)]))
    elif names := field_names(cast("Hashable", type(value))):
        items = {name: getattr(value, name) for name in names}
        changed = {name: new for name, item in items.items() if (new := _trimmed(item, budget)) is not item}
        result = replace(result, **changed) if changed else value
    return result  # type: ignore[no-any-return]


def _asked(state: RunState) -> tuple[tuple[Asked, ...], Forgotten]:
    """The questions that go along, and those that do not."""
    asked = tuple(state.all_asked())
    answered = sorted((one for one in asked if one.resolution is not None), key=_answered_at)
    dropped = {one.requirement.id: one.requirement for one in answered[:-ANSWERED_KEPT]}
    forgotten = state.ledger.forgotten.plus(dropped.values())
    kept = tuple(one for one in asked if one.requirement.id not in dropped)
    if len(json.dumps(to_json(kept))) > SHOWN_BYTES:
        kept = tuple(one if one.resolution is None else replace(one, flow=None, output=None) for one in kept)
    return kept, forgotten


def _answered_at(asked: Asked) -> float:
    return 0.0 if asked.resolution is None else asked.resolution.at
