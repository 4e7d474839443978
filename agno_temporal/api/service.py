"""What routes need: runs, workflows, a database, and somebody who knows callers.

Routes are built by closures over one such object, and nothing is kept on an app: so they can be mounted anywhere, and
twice in one process.

What waits across runs is one query on one database. Workflows that keep their runs in several would need one each, in
no common order: they are refused when the service is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agno.workflow import Workflow
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.client import Client

from agno_temporal.agno_bridge.primitives import made_of
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.api.access import Access, Open
from agno_temporal.api.bodies import Limits
from agno_temporal.api.metering import Metrics
from agno_temporal.api.reads import Reads
from agno_temporal.api.streams import MOST, Streams
from agno_temporal.client import RunClient
from agno_temporal.connect import loops
from agno_temporal.connect.bounded import BoundedCalls
from agno_temporal.connect.settings import BadSetting, Settings
from agno_temporal.contract import names
from agno_temporal.plan import Plan

PREFIX = "/v1"


class SeveralDatabases(BadSetting):
    """The workflows keep their runs in several databases. The message names both sides."""


@dataclass(frozen=True)
class Service:
    """Everything that the routes of one API share.

    Attributes:
        workflows: By id. Runs are started of these only.
        plans: What each of them compiles to.
        db: agno's database that the workflows share; None for none.
        isolation: Whether a run is its user's alone, and an administrator's.
        metrics: What this process has seen.
        open_metrics: Whether everybody may read the metrics.
        codec: Whether it opens payloads for Temporal's own tools (`api.codec`).
        streams: Those that are open here.
        reads: Runs what is read of the database.
    """

    runs: RunClient
    workflows: Mapping[str, Workflow]
    plans: Mapping[str, Plan]
    db: Any = None
    access: Access = field(default_factory=Open)
    limits: Limits = field(default_factory=Limits)
    isolation: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    open_metrics: bool = False
    codec: bool = False
    streams: Streams = field(default_factory=Streams)
    reads: Reads = field(default_factory=Reads)

    @property
    def task_queue(self) -> str:
        return self.runs.task_queue

    def is_run(self, found: WorkflowExecutionInfo) -> bool:
        """Whether a Temporal workflow on the queue is a run: of a workflow that is served, or started by a client of
        ours. Workers may have their users' own workflows beside agno's, and nobody is to cancel those from here."""
        return found.type.name in self.workflows or names.MEMO_REQUEST in found.memo.fields


def new_service(
    workflows: Iterable[Workflow],
    client: Client | None = None,
    *,
    task_queue: str | None = None,
    access: Access | None = None,
    limits: Limits | None = None,
    isolation: bool = False,
    open_metrics: bool = False,
    most_streams: int = MOST,
) -> Service:
    """A service for these workflows.

    Args:
        workflows: As they are; a `DurableWorkflow` stands for the workflow in it.
        client: Connected, with the data converter of the workers. None connects by the environment.
        task_queue: The queue of the workers. None is ``AGNO_TEMPORAL_TASK_QUEUE``, or ``agno-temporal``.
        access: Who may call. None is everybody: for a server that only this machine can reach.
        isolation: Show and give each user their own runs alone. Callers without the scope admin need a user then.
        open_metrics: Let everybody read the metrics, as a scraper without credentials must.
        most_streams: Streams of events that one caller may have open at once.

    Raises:
        PlanError: A workflow cannot be run as it is written.
        SeveralDatabases: They keep their runs in several.
        CannotConnect: No client was given, and no server answers.
    """
    registry = Registry()
    compiled = [registry.add(made_of(one)) for one in workflows]
    db = shared_database({one.plan.workflow_id: one.workflow.db for one in compiled})
    settings = Settings(task_queue=task_queue)
    if client is None:
        client = loops.call(settings.connect([BoundedCalls()]), "Settings().connect")
    return Service(
        runs=RunClient(client, settings.queue),
        workflows={one.plan.workflow_id: one.workflow for one in compiled},
        plans={one.plan.workflow_id: one.plan for one in compiled},
        db=db,
        access=access or Open(),
        limits=limits or Limits(),
        isolation=isolation,
        open_metrics=open_metrics,
        streams=Streams(most_streams),
    )


def shared_database(of: Mapping[str, Any]) -> Any:
    """The database of workflows, given by the workflow's id; None where none has one.

    Raises:
        SeveralDatabases: They have not the same.
    """
    places: dict[Any, list[str]] = {}
    for workflow_id, db in of.items():
        if db is not None:
            places.setdefault(_place(db), []).append(workflow_id)
    if len(places) > 1:
        sides = "; ".join(f"{_named(place)} has {', '.join(sorted(ids))}" for place, ids in places.items())
        raise SeveralDatabases(
            f"These workflows keep their runs in several databases: {sides}. Give them one, or serve each by an API of "
            "its own: what waits is listed from one database."
        )
    return next((db for db in of.values() if db is not None), None)


def _place(db: Any) -> tuple[str, ...]:
    """Two objects of one place are one database. agno derives the id from the address."""
    return (type(db).__name__, str(db.id), str(db.session_table_name), str(getattr(db, "approvals_table_name", "")))


def _named(place: tuple[str, ...]) -> str:
    return f"{place[0]} {place[1]}"
