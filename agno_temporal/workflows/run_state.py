"""What a run knows of itself, in one place, so that queries, handlers and the interpreter see the same.

Handlers can run before `run` does (an update may come with the first workflow task), so this exists from
`@workflow.init` on, before there is a plan.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from dataclasses import replace

from temporalio import workflow

from agno_temporal.contract import names
from agno_temporal.contract.chapter import Chapter, inline
from agno_temporal.contract.events import EventPage, EventsAsked, StoredEvents
from agno_temporal.contract.journal import Counted
from agno_temporal.contract.manifest import Asked, Manifest, NodeState, moment_of
from agno_temporal.contract.outputs import Budget, Leaf, Output, bare
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import OpenedRun, RunFacts
from agno_temporal.hitl import Forgotten, Ledger, Requirement, requirement_id
from agno_temporal.plan import Node, Plan
from agno_temporal.workflows.events import EventLog
from agno_temporal.workflows.facts import facts_of
from agno_temporal.workflows.journal import behind
from agno_temporal.workflows.pace import Pace
from agno_temporal.workflows.state import SessionState

MANIFEST_INLINE_BYTES = 64 * 1024
"""How much of the outputs a manifest carries itself. The rest is read where it was written."""

EVENTS_STORED = 5_000
"""More of earlier Temporal runs have no room in a manifest."""

REFUSED_LENGTH = 500

REFUSED_KEPT = 20
"""How many refused signals are remembered, for whoever wonders what became of theirs."""


class BeingBrought(Exception):
    """The run goes on in this Temporal run, and what it was is not here yet. Asked again it answers."""

    def __init__(self) -> None:
        super().__init__(names.BEING_BROUGHT)


class RunState:
    """A run's state. A worker keeps one for each run that waits, and with so many attributes an object without slots
    has a table of their names of its own, of more than a kilobyte.

    Attributes:
        results: The outputs of the top-level steps so far; `current` is the one that runs.
        approved: The paths of steps whose last output a reviewer let stand: what it reports fails nothing any more.
        live: How many activities run right now.
        unrecorded: How many quick steps have run since a workflow task was surely recorded.
        outputs: The activities whose results were brought from earlier Temporal runs.
        inline: Those whose outputs came along inline instead.
        awaited: Nothing is known of the run yet but that it goes on: what it was is being brought.
        pace: How long the history is, and whether it is to be left.
        since: When this Temporal run began, or was put back.
        put_back: The run was reset, and its rows have not been written since (`workflows.put_back`).
        writing_anew: The writing of them.
    """

    __slots__ = (
        "_facts",
        "agent",
        "approved",
        "asked",
        "awaited",
        "cancellation_stage",
        "content",
        "content_of",
        "current",
        "duration",
        "error_type",
        "events",
        "inline",
        "ledger",
        "live",
        "occurrences",
        "opened",
        "outputs",
        "pace",
        "plan",
        "progress",
        "put_back",
        "refused",
        "request",
        "results",
        "run_id",
        "session_state",
        "since",
        "started_at",
        "status",
        "unrecorded",
        "workflow_id",
        "writing_anew",
    )

    def __init__(self, request: RunRequest) -> None:
        self.request = request
        self.run_id = workflow.info().workflow_id
        self.workflow_id = workflow.info().workflow_type
        self.started_at = workflow.info().start_time.timestamp()
        self.status = "PENDING"
        self.plan: Plan | None = None
        self.opened = OpenedRun()
        self.ledger = Ledger(Forgotten(self.run_id))
        self.asked: dict[str, Asked] = {}
        self.results: list[Output] = []
        self.current: Node | None = None
        self.approved: set[str] = set()
        self.session_state = SessionState()
        self.progress: dict[str, NodeState] = {}
        self.live = 0
        self.unrecorded = 0
        self.content: str | None = None
        self.content_of: Output | None = None
        self.agent: Leaf | None = None
        self.error_type: str | None = None
        self.cancellation_stage: str | None = None
        self.duration: float | None = None
        self.refused: list[str] = []
        self.events = EventLog(self.workflow_id)
        self.awaited = False
        self.outputs: tuple[str, ...] = ()
        self.inline: tuple[str, ...] = ()
        self.occurrences: dict[str, int] = {}
        self.pace = Pace()
        self.since = moment_of(self.started_at)
        self.put_back = False
        self.writing_anew: asyncio.Task[None] | None = None
        self._facts: RunFacts | None = None

    @property
    def is_known(self) -> bool:
        """Whether its rows do not tell of a state that it was put back from."""
        return not self.put_back and (self.writing_anew is None or self.writing_anew.done())

    def begin(self, opened: OpenedRun, plan: Plan) -> None:
        self.opened = opened
        self.plan = plan
        self.session_state = SessionState(opened.session_state)
        self.status = "RUNNING"
        self.events.begin(self.plan)

    def go_on(self, chapter: Chapter) -> None:
        """Be the run that another Temporal run has left."""
        assert chapter.opened.plan is not None
        self.opened = chapter.opened
        self.plan = chapter.opened.plan
        self.started_at = chapter.started_at
        self.session_state = SessionState(chapter.session_state)
        self.status = "RUNNING"
        self.ledger.forgotten = Forgotten(self.run_id, chapter.forgotten or {})
        for asked in chapter.asked:
            self.asked[asked.requirement.id] = replace(asked, resolution=None)
            self.ledger.open(asked.requirement)
            if asked.resolution is not None:
                self.ledger.record(asked.resolution)
        self.ledger.edited = max(self.ledger.edited, chapter.edited)
        self.outputs = chapter.outputs
        self.inline = tuple(inline(chapter.journal))
        self.approved = set(chapter.approved)
        self.progress = dict(chapter.progress or {})
        self.refused = [*chapter.refused]
        self.occurrences = {**(chapter.occurrences or {}), **self.occurrences}

    @property
    def facts(self) -> RunFacts:
        """What every task says of the run, from its first step on."""
        if self._facts is None:
            self._facts = facts_of(self.run_id, self.request, self.opened)
        return self._facts

    def next_occurrence(self, key: str) -> int:
        """Counts how often something happened, from 1."""
        self.occurrences[key] = self.occurrences.get(key, 0) + 1
        return self.occurrences[key]

    def as_of(self, number: int) -> tuple[int, ...]:
        """Where a write of the rows stands among those of this run. It goes by events, and by the clock only where a
        workflow task is tried again: a worker that stood still, and lost its task, counts what its local activity took
        into `workflow.time()`, and would be later than those that went on (temporalio 1.35)."""
        return self.since, workflow.info().get_current_history_length(), number, moment_of(workflow.time())

    def counted(self, key: str) -> Counted:
        """That something happens now, and how often it has."""
        return Counted(self.next_occurrence(key), workflow.time())

    def requirement_id(self, path: str, occurrence: int) -> str:
        """The same on every replay, and no other requirement's in any run."""
        return requirement_id(self.run_id, path, occurrence)

    def nested_run_id(self, path: str, occurrence: int) -> str:
        """A nested workflow's own run id, which agno draws at random."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.run_id}/{path}#{occurrence}"))

    def mark(self, path: str, state: str, occurrence: int | None = None) -> None:
        """Note where a node stands, for whoever looks at the run."""
        if behind():
            return
        before = self.progress.get(path)
        self.progress[path] = NodeState(state, occurrence or (before.occurrence if before else 0))

    def refuse_signal(self, why: str) -> None:
        self.refused = [*self.refused, why[:REFUSED_LENGTH]][-REFUSED_KEPT:]

    def open_requirements(self) -> list[Requirement]:
        return list(self.ledger.opened())

    def manifest(self) -> Manifest:
        """The run as it stands.

        Raises:
            BeingBrought: Nobody knows yet.
        """
        if self.awaited:
            raise BeingBrought
        waiting = self.open_requirements()
        first = waiting[0] if waiting else None
        paused = self.status == "RUNNING" and first is not None
        return Manifest(
            run_id=self.run_id,
            workflow_id=self.workflow_id,
            workflow_name=self.plan.workflow_name if self.plan else None,
            status="PAUSED" if paused else self.status,
            created_at=int(self.started_at),
            session_id=self.opened.session_id,
            user_id=self.opened.user_id,
            metadata=self.opened.metadata,
            session_state=self.session_state.values,
            content=self.content,
            content_of=bare(self.content_of) if self.content_of else None,
            step_results=_trimmed(self.results),
            asked=tuple(self.all_asked()),
            paused_step_index=first.step_index if first else None,
            paused_step_name=first.step_name if first else None,
            cancellation_stage=self.cancellation_stage,
            error_type=self.error_type,
            duration=self.duration,
            quiet=self.live == 0,
            plan_digest=self.plan.digest if self.plan else "",
            store_executor_outputs=self.plan.store_executor_outputs if self.plan else True,
            progress=dict(self.progress),
            refused=tuple(self.refused),
            agent=bare(self.agent) if self.agent else None,
            events=self._stored_events(),
            forgotten=dict(self.ledger.forgotten.until) or None,
        )

    def _stored_events(self) -> StoredEvents | None:
        if self.plan is None or len(self.events.earlier) > EVENTS_STORED:
            return None
        asked = self.request.store_events
        if not (self.plan.store_events if asked is None else asked):
            return None
        return StoredEvents(
            events=self.events.all(),
            runs=self.events.runs(),
            streamed=self.request.stream,
            stream_events=self.request.stream_events,
            skipped=self.plan.events_to_skip,
        )

    def event_page(self, asked: EventsAsked) -> EventPage:
        """The run's events from a number on.

        Raises:
            BeingBrought: Nobody knows yet.
        """
        if self.awaited:
            raise BeingBrought
        known = {requirement.id: requirement for requirement, _ in self.ledger.all()}
        return replace(
            self.events.page(asked, known),
            run_id=self.run_id,
            session_id=self.opened.session_id,
            user_id=self.opened.user_id,
            heard_all=self.request.stream_events,
            settled=self.status == "RUNNING"
            and bool(self.ledger.opened())
            and self.live == 0
            and not self.events.hides,
        )

    def all_asked(self) -> Iterable[Asked]:
        """Every question, with its answer once it has one."""
        for requirement, resolution in self.ledger.all():
            asked = self.asked[requirement.id]
            yield Asked(requirement, asked.flow, asked.output, resolution)


def _trimmed(results: list[Output]) -> tuple[Output, ...]:
    budget = Budget(MANIFEST_INLINE_BYTES)
    return tuple(reversed([budget.trim(output) for output in reversed(results)]))
