"""The run's event log: agno's events, in agno's order, as facts (`contract.events`).

The log follows from what the interpreter does, so that a replay makes the same one: it needs no command, no history and
no clock but the workflow's own. Waking a reader costs nothing either: it polls the history.

What must be stored before it is told (a pause, the run's end) is in the log at once, since the stored run shows it, and
hidden from readers until the write is done: `held`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from temporalio import workflow

from agno_temporal.contract.events import EXECUTOR, Event, EventPage, EventRun, EventsAsked
from agno_temporal.contract.outputs import Budget, bare
from agno_temporal.hitl import Requirement
from agno_temporal.plan import Plan, StepNode, WorkflowNode
from agno_temporal.plan.data import from_json, to_json
from agno_temporal.workflows.earlier import Earlier
from agno_temporal.workflows.journal import behind
from agno_temporal.workflows.places import Place, places_of

PAGE_BYTES = 500_000
"""More than one event together have no more, with what they ask. Temporal takes 2 MB for an answer."""

EVENT_BYTES = 1_000_000
"""An event that is larger is told without the outputs it names: those of a container with thousands of steps."""

INLINE_BYTES = 64 * 1024
"""How much of the outputs a page carries itself. The rest is read where it was written."""


class EventLog:
    """The events of one run so far. `earlier` are those of earlier Temporal runs."""

    __slots__ = (
        "_events",
        "_has_left",
        "_held",
        "_inside",
        "_places",
        "_runs",
        "earlier",
        "ended",
        "total",
    )

    def __init__(self, workflow_id: str) -> None:
        self.total = 0
        self.ended = False
        self.earlier = Earlier()
        self._events: list[Event] = []
        self._runs = {"": EventRun("", workflow_id, None)}
        self._inside: dict[str, str] = {"": ""}
        self._places: Mapping[str, Place] = {}
        self._held: list[int] = []
        self._has_left = False

    def begin(self, plan: Plan) -> None:
        """The run begins."""
        self._places = places_of(plan)
        self._runs[""] = EventRun("", plan.workflow_id, plan.workflow_name)
        self.add("WorkflowStarted" if plan.agent is None else "WorkflowAgentStarted")

    def begin_nested(self, node: WorkflowNode, run_id: str) -> None:
        """A nested workflow begins, at the path of its step. The last one of that path is over."""
        around = self._runs[self._inside[self._places[node.path].host]]
        self._inside[node.path] = run_id
        self._runs[run_id] = EventRun(run_id, node.workflow_id, node.workflow_name, around.depth + 1, node.step_id)
        self.add("WorkflowStarted", inside=node.path)

    def place(self, path: str) -> Place:
        return self._places[path]

    def add(self, kind: str, inside: str = "", **facts: Any) -> None:
        """Add an event of a workflow: the run itself, or the nested one whose step is at `inside`."""
        if not inside or not self._places[inside].ends_only:
            self._append(kind, 1, run=self._inside[inside], **facts)

    def add_of(self, path: str, kind: str, **facts: Any) -> None:
        """Add an event of the node at `path`."""
        place = self._places[path]
        if place.is_step and not place.silent:
            given = {"step_id": place.node.step_id, **self._where(place), **facts}
            self._append(kind, 1, **given)

    def add_executor(self, path: str, activity_id: str, count: int, attempt: int) -> None:
        """Add as many events as the executor of the step at `path` had: the result of its activity holds them."""
        if count:
            place = self._places[path]
            where = {"step_id": place.node.step_id, **self._where(place)} if place.is_step else {"path": path}
            self._append(EXECUTOR, count, activity_id=activity_id, attempt=attempt, **where)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hide from readers what is added from here on, until the block is left."""
        mark = self.total
        self._held.append(mark)
        try:
            yield
        finally:
            self._held.remove(mark)

    def all(self) -> tuple[Event, ...]:
        """Every event, hidden ones too, without bodies: for the stored run."""
        return (*(from_json(Event, one) for one in self.earlier), *self.newer())

    def newer(self) -> tuple[Event, ...]:
        """Those of this Temporal run."""
        return tuple(_told(event, Budget(0)) for event in self._events)

    def runs(self) -> tuple[EventRun, ...]:
        return tuple(self._runs.values())

    def page(self, asked: EventsAsked, known: Mapping[str, Requirement]) -> EventPage:
        """What a reader is told. Where it would be too large it is cut off, and the reader asks again.

        Args:
            known: The questions by their ids: all that events of this page can be about.
        """
        shown = min(self._held, default=self.total)
        events = self._cut(asked, shown, known)
        runs = {"", *(event.run for event in events)}
        return EventPage(
            events=tuple(events),
            runs=tuple(run for run in self._runs.values() if run.id in runs),
            requirements=_asked_in(events, known),
            total=shown,
            ended=self.ended and not self._held,
        )

    def inside(self) -> dict[str, str]:
        """Which nested run is at a path."""
        return dict(self._inside)

    def go_on(self, plan: Plan, earlier: Earlier, nested: Iterable[EventRun], inside: Mapping[str, str]) -> None:
        """The log of a run that began in another Temporal run."""
        self._places = places_of(plan)
        self.earlier = earlier
        self._runs = {run.id: run for run in nested}
        self._inside = {**inside}
        self.total = earlier.total

    def leave(self) -> None:
        """The run goes on in another Temporal run. What this one comes to yet, as when a deadline fires in the same
        workflow task, happens there."""
        self._has_left = True

    @property
    def facts(self) -> int:
        """How many are kept. What an executor said is one."""
        return len(self.earlier) + len(self._events)

    @property
    def hides(self) -> bool:
        """Whether something is hidden."""
        return bool(self._held)

    def _where(self, place: Place) -> dict[str, Any]:
        return {
            "run": self._inside[place.host],
            "path": place.node.path,
            "step_name": place.node.name if place.node.name is not None else place.top_name,
            "step_index": place.index,
            "parent_step_id": place.parent,
        }

    def _append(self, kind: str, count: int, **facts: Any) -> None:
        if behind() or self._has_left:
            return
        self._events.append(Event(self.total, kind, workflow.time(), count, **facts))
        self.total += count

    def _cut(self, asked: EventsAsked, shown: int, known: Mapping[str, Requirement]) -> list[Event]:
        """At least one event, however large, so that every reader gets on. What an event asks is on the page too, once
        for all events about it, and may be the larger part: a step that is asked about again holds the feedback."""
        events: list[Event] = []
        counted: set[str] = set()
        budget, size = Budget(INLINE_BYTES), 0
        for position in range(self._first(asked.after), len(self.earlier) + len(self._events)):
            event = self._at(position)
            if event.index >= shown or len(events) >= asked.limit:
                break
            told = _told(event, budget)
            size += _length(told)
            if (question := known.get(event.requirement_id or "")) is not None and question.id not in counted:
                counted.add(question.id)
                size += _length(question)
            if events and size > PAGE_BYTES:
                break
            events.append(told)
        return events

    def _at(self, position: int) -> Event:
        before = len(self.earlier)
        return from_json(Event, self.earlier[position]) if position < before else self._events[position - before]

    def _end_of(self, position: int) -> int:
        before = len(self.earlier)
        return self.earlier.end_of(position) if position < before else self._events[position - before].end

    def _first(self, after: int) -> int:
        """The position of the first event that reaches beyond this number."""
        low, high = 0, len(self.earlier) + len(self._events)
        if after + 1 >= self.earlier.total:
            low = len(self.earlier)  # Whoever keeps up has none of them unpacked.
        while low < high:
            middle = (low + high) // 2
            if self._end_of(middle) > after + 1:
                high = middle
            else:
                low = middle + 1
        return low


def step_id_of(place: Place) -> str | None:
    """What `getattr(step, "step_id", None)` is in agno: containers have none."""
    return place.node.step_id if isinstance(place.node, StepNode | WorkflowNode) else None


def _told(event: Event, budget: Budget) -> Event:
    """The event as it is told: bodies as far as the budget goes, and not more outputs than fit."""
    if event.output is None and not event.outputs:
        return event
    output = None if event.output is None else budget.trim(event.output)
    told = replace(event, output=output, outputs=tuple(bare(one) for one in event.outputs))
    if len(told.outputs) > 1000 and _length(told) > EVENT_BYTES:
        return replace(told, outputs=(), lengths=())
    return told


def _asked_in(events: Iterable[Event], known: Mapping[str, Requirement]) -> tuple[Requirement, ...]:
    """What these events ask, as far as it is known: a long run forgets what was answered long ago."""
    ids = dict.fromkeys(event.requirement_id for event in events if event.requirement_id is not None)
    return tuple(known[one] for one in ids if one in known)


def _length(what: Event | Requirement) -> int:
    """As Temporal's converter writes it, with six bytes for a letter that is none of ASCII."""
    return len(json.dumps(to_json(what)))
