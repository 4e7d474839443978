"""`doctor`: what a run needs, looked at piece by piece, and for each that is missing the command that mends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from agno.workflow import Workflow
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.client import Client

from agno_temporal.agno_bridge.approval_table import has_approvals, on_table
from agno_temporal.agno_bridge.database_check import takes_writes
from agno_temporal.agno_bridge.database_errors import is_of_a_database
from agno_temporal.agno_bridge.refusals import PlanError
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.cli.backend import Document
from agno_temporal.cli.core_log import connected_client
from agno_temporal.cli.exits import ExitCode, Failed, verdict
from agno_temporal.cli.remote import Remote
from agno_temporal.client.idle import Idle, idle
from agno_temporal.connect.blobs import FileStorage
from agno_temporal.connect.encryption import EncryptionCodec
from agno_temporal.connect.loading import CannotLoad, load_workflows
from agno_temporal.connect.settings import CannotConnect, Settings
from agno_temporal.connect.versioning import worker_of
from agno_temporal.contract.sealed import VARIABLE as KEYS
from agno_temporal.follow.pinned import stranded
from agno_temporal.follow.pollers import RUNS, STEPS, polled, skew
from agno_temporal.views.text import span

PATIENCE = 10.0
"""Seconds in which a database answers."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        ok: False where nothing works without it.
        said: How it is.
        mend: The command, or the change, that makes it better; None where nothing has to be done.
        code: What the command ends with where this is the first that is missing.
    """

    what: str
    ok: bool
    said: str
    mend: str | None = None
    code: ExitCode = ExitCode.NO_ANSWER

    def document(self) -> Document:
        return {key: value for key, value in asdict(self).items() if key != "code"}


Place: TypeAlias = Settings | Remote


async def examined(place: Place, app: Sequence[str]) -> AsyncIterator[Finding]:
    """Everything in turn. What cannot be looked at without what is missing is left out."""
    if isinstance(place, Remote):
        if app:
            raise Failed("An app is looked at where it runs, and not through an API. Leave one out.", ExitCode.USAGE)
        async for finding in _api(place):
            yield finding
        return
    try:
        client = await connected_client(place)
    except CannotConnect as error:
        yield Finding("Temporal", False, str(error), error.command, verdict(error)[0])
    else:
        yield await _server(client)
        yield _data(client)
        async for finding in _workers(client, place.queue, " ".join(app) or "app.py"):
            yield finding
        if (pinned := await _pinned(client, place.queue)) is not None:
            yield pinned
    if app:
        async for finding in _app(app):
            yield finding


async def _api(remote: Remote) -> AsyncIterator[Finding]:
    """What an API says of itself, and whether it takes this key."""
    try:
        checks = await remote.checks()
        known = ", ".join(one["id"] for one in (await remote.workflows())["workflows"])
    except Failed as error:
        yield Finding("API", False, str(error), "agno-temporal api app.py", error.code)
        return
    yield Finding("API", True, f"It answers, and takes this key. Its workflows are {known or 'none'}.")
    for name, check in checks.items():
        said = "It answers." if check["ok"] else f"{check.get('detail', 'It does not answer')}."
        yield Finding(name.capitalize(), check["ok"], said[0].upper() + said[1:])


async def _server(client: Client) -> Finding:
    service = client.workflow_service
    version = (await service.get_system_info(GetSystemInfoRequest(), retry=True)).server_version
    namespace = await service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace), retry=True)
    kept = namespace.config.workflow_execution_retention_ttl.ToTimedelta().total_seconds()
    where = f"{client.service_client.config.target_host}, server {version or 'of an unknown version'}"
    return Finding(
        "Temporal", True, f"{where}, namespace {client.namespace}, which keeps ended runs for {span(kept)}."
    )  # fmt: skip


def _data(client: Client) -> Finding:
    """How this process writes data into Temporal: every other one needs the same, and a key that differs is told apart
    by its id. That it is plain shows nowhere else."""
    converter, said = client.data_converter, list[str]()
    if isinstance(codec := converter.payload_codec, EncryptionCodec):
        first, *others = codec.keys.by_id
        opens = f"; {', '.join(map(repr, others))} opens what is older" if others else ""
        said.append(f"It is encrypted with key {first!r}{opens}.")
    else:
        said.append(f"It is written in plain: {KEYS} is not set.")
    for driver in converter.external_storage.drivers if converter.external_storage else ():
        where = driver.directory if isinstance(driver, FileStorage) else driver.name()
        said.append(f"What is large is stored in {where}.")
        if isinstance(driver, FileStorage) and (why := driver.unusable()) is not None:
            return Finding("Data", False, " ".join([*said, why]), "Mend AGNO_TEMPORAL_EXTERNAL_STORAGE.")
    return Finding("Data", True, " ".join(said))


async def _workers(client: Client, queue: str, app: str) -> AsyncIterator[Finding]:
    """Both parts of a worker: the one that decides what comes next, and the one that runs steps. And this machine's
    clock, which says when they polled last."""
    missing, workers, skews = list[str](), set[str](), [0.0]
    passed_over: Idle | None = None
    for kind, what in ((RUNS, "runs"), (STEPS, "steps")):
        known = await polled(client, queue, kind)
        skews += map(skew, known.all)
        there = known.there
        workers |= {one.identity for one in there.taking}
        passed_over = passed_over or idle(queue, there)
        if not there.taking:
            missing.append(what)
    if off := max(skews, key=abs):
        said = f"This machine's clock is {span(abs(off))} or more {'ahead of' if off > 0 else 'behind'} Temporal's."
        yield Finding("Clock", False, said, "Set it, by NTP: tokens and keys are taken, or expire, by this clock.")
    if passed_over is not None:
        said = f"{passed_over.why}: what is started waits. {passed_over.do}:"
        yield Finding("Workers", False, said[0].upper() + said[1:], passed_over.command)
    elif missing:
        yield Finding(
            "Workers",
            False,
            f"None polls task queue {queue!r} for {' and '.join(missing)}: what is started waits.",
            f"agno-temporal worker {app}",
        )
    else:
        yield Finding("Workers", True, f"{len(workers)} on task queue {queue!r}: {', '.join(sorted(workers))}.")


async def _pinned(client: Client, queue: str) -> Finding | None:
    """Runs that wait for workers of a version of theirs, while all others are served."""
    lost = await stranded(client, queue, (await polled(client, queue)).there.versions)
    if lost is None or lost.version is None:
        return None
    others = f"; so are {lost.count - 1} others to versions without a worker" if lost.count > 1 else ""
    said = (
        f"Run {lost.run_id!r} is pinned to version {lost.version.to_canonical_string()!r}, and no worker of it polls "
        f"task queue {queue!r}{others}. Start one, or see `agno-temporal show {lost.run_id}`:"
    )
    return Finding("Pinned", False, said, worker_of(lost.version, queue))


async def _app(app: Sequence[str]) -> AsyncIterator[Finding]:
    registry = Registry()
    try:
        workflows = await asyncio.to_thread(load_workflows, app)
        for workflow in workflows:
            registry.add(workflow)
    except (CannotLoad, PlanError) as error:
        yield Finding("App", False, str(error), f"agno-temporal check {' '.join(app)}", ExitCode.USAGE)
        return
    yield Finding("App", True, f"Its workflows are {', '.join(registry.names())}.")
    seen = list[Any]()
    for workflow in workflows:
        if workflow.db is None:
            yield Finding("Database", True, f"{workflow.name} has none: nothing of it is listed but in Temporal.")
        elif not any(one is workflow.db for one in seen):
            seen.append(workflow.db)
            yield await _database(workflow)


async def _database(workflow: Workflow) -> Finding:
    db: Any = workflow.db
    name = f"{type(db).__name__} of {workflow.name}"
    if not has_approvals(db):
        why = "keeps no list of what waits: `pending` has to ask each run."
        return Finding("Database", True, f"{name} {why}", "Use agno's SqliteDb or PostgresDb.")
    try:
        async with asyncio.timeout(PATIENCE):
            writable = await takes_writes(db, asyncio.to_thread)
            has_tables = await on_table(db, lambda session, table: True, asyncio.to_thread)
    except TimeoutError:
        said = f"did not answer within {PATIENCE:.0f} s."
    except Exception as error:
        if not is_of_a_database(error) and not isinstance(error, OSError):
            raise
        said = f"does not answer: {str(error).splitlines()[0]}"
    else:
        if not writable:
            said = "answers, and takes no writes: runs wait where they have something to write, and none begins."
            return Finding("Database", False, f"{name} {said}", "Lead the app to the server that takes them.")
        tables = "its tables are there" if has_tables else "the first run makes its tables"
        return Finding("Database", True, f"{name} answers; {tables}.")
    return Finding("Database", False, f"{name} {said}", "Start it, or mend its address in the app.")
