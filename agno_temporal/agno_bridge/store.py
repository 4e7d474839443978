"""The run in agno's own database.

agno's own save methods log a warning when a write fails and go on (agno/workflow/workflow.py:2149-2225), so that a run
is reported as paused which nobody can find. Here a write that fails raises, and the caller tries again before it
announces anything. The rows themselves are agno's: they are made and read by its own classes, of values that every
database takes (`row_values`).

A write may come twice, and one that hung may land after its successor. So nothing is added up in place: the session's
metrics are the sum over its runs, and what a later write has told is not taken back by an earlier one (`row_order`).
Nor is what another has written to the session since it was read (`session_lock`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from agno.metrics import SessionMetrics
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.session._utils import resolve_run_index
from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow

from agno_temporal.agno_bridge.absent_tables import find_session_tables
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.half_made import half_made_forgotten
from agno_temporal.agno_bridge.joined import can_join, joined, joined_async
from agno_temporal.agno_bridge.primitives import workflow_id_of
from agno_temporal.agno_bridge.row_bounds import fitting
from agno_temporal.agno_bridge.row_order import AS_OF, Behind, Over, Written, check_order, check_owner, written
from agno_temporal.agno_bridge.row_runs import run_dict, run_row
from agno_temporal.agno_bridge.row_values import column_text, row_value
from agno_temporal.agno_bridge.session_lock import is_as_read, locked
from agno_temporal.agno_bridge.silent_failures import check_absent, check_of_another


class SessionOfAnother(ValueError):
    """The session belongs to another user (agno refuses the write with a warning, D70)."""


_OF_ANOTHER = "Session {!r} belongs to another user. Use a session of its own."

MAX_ID_BYTES = 1_000
"""PostgreSQL takes 2,704 in an index, and some of agno's hold two ids."""


class UnstorableId(ValueError):
    """An id that no row can have."""


@dataclass(frozen=True)
class OpenedSession:
    """What a run takes from its session: the state it starts with, and the metadata of its run context.

    Attributes:
        session: As it was read, for the write that follows at once.
    """

    state: dict[str, Any]
    metadata: dict[str, Any] | None
    session: WorkflowSession


def refuse_unstorable(**ids: str | None) -> None:
    """
    Raises:
        UnstorableId: One of the ids holds what a database's text does not, or is too long for its index.
    """
    for name, value in ids.items():
        if value is not None and column_text(value) != value:
            raise UnstorableId(f"{name} {value[:80]!r} holds a NUL or a lone surrogate, which no database takes.")
        if value is not None and len(value.encode()) > MAX_ID_BYTES:
            raise UnstorableId(f"{name} {value[:80]!r}... has more than {MAX_ID_BYTES} bytes, which no index takes.")


async def read_session(
    workflow: Workflow, session_id: str, user_id: str | None, in_thread: RunInThread
) -> WorkflowSession:
    """The session as the database has it, or a new one."""
    fresh = uncached(workflow)
    if fresh._has_async_db():
        return await _read(fresh, session_id, user_id)
    if fresh.db is None:
        return fresh.read_or_create_session(session_id=session_id, user_id=user_id)  # Nothing to wait for.
    return await in_thread(lambda: read_at_once(fresh, session_id, user_id))


def read_at_once(fresh: Workflow, session_id: str, user_id: str | None) -> WorkflowSession:
    """The same on this thread, of a database that is not asynchronous. The workflow is an uncached one."""
    with half_made_forgotten(fresh.db):
        find_session_tables(fresh.db)
        return fresh.read_or_create_session(session_id=session_id, user_id=user_id)


async def _read(fresh: Workflow, session_id: str, user_id: str | None) -> WorkflowSession:
    """The same of an asynchronous database."""
    with half_made_forgotten(fresh.db):
        found = await fresh._aread_session(session_id=session_id, user_id=user_id)
        if found is not None:
            return found
        await check_absent(fresh.db, session_id, user_id)
    fresh.db = None  # It is not asked twice: the second answer could be a failure.
    return fresh.read_or_create_session(session_id=session_id, user_id=user_id)


async def _is_of_another(workflow: Workflow, session_id: str, user_id: str | None, in_thread: RunInThread) -> bool:
    """Whether the database has the session, and not as this user's. agno reads for a user what is the user's, and
    writes over what is nobody's."""
    fresh = uncached(workflow)
    if fresh.db is None:
        return False
    with half_made_forgotten(fresh.db):
        if fresh._has_async_db():
            found = await fresh._aread_session(session_id=session_id)
            if found is None:
                await check_absent(fresh.db, session_id, None)
        else:
            found = await in_thread(lambda: fresh._read_session(session_id=session_id))
    return found is not None and found.user_id != user_id


def uncached(workflow: Workflow, db: Any = None) -> Workflow:
    """The workflow without the session that `Workflow(cache_session=True)` keeps in the object: it grows stale as soon
    as another process writes the session. It bears its id, which agno sets on the object only when it runs: a session
    that it begins says whose it is.

    Args:
        db: In place of its own database.
    """
    fresh = copy.copy(workflow)
    fresh.cache_session, fresh._workflow_session = False, None
    fresh.id = workflow_id_of(workflow)
    if db is not None:
        fresh.db = db
    return fresh


async def open_session(
    workflow: Workflow,
    session_id: str,
    user_id: str | None,
    state: dict[str, Any] | None,
    metadata: dict[str, Any] | None,
    in_thread: RunInThread,
    *,
    kept_apart: bool = False,
) -> OpenedSession:
    """Read or make the session, and merge what the run was given over what it holds, as agno does: the run's own
    values, then the stored ones, then the workflow's defaults (agno/workflow/workflow.py:2498).

    Args:
        kept_apart: It is to be the user's own, and not one that is nobody's.

    Raises:
        SessionOfAnother: It is not.
        Exception: Whatever the database raises.
    """
    read = await read_session(workflow, session_id, user_id, in_thread)
    session = replace(read, session_data=deepcopy(read.session_data), metadata=deepcopy(read.metadata))
    if kept_apart and await _is_of_another(workflow, session_id, user_id, in_thread):
        raise SessionOfAnother(_OF_ANOTHER.format(session_id))
    stored = deepcopy(session.metadata) if workflow.db is not None else None
    workflow._update_metadata(session)
    merged = workflow._load_session_state(session=session, session_state=deepcopy(state) if state else {})
    defaults = workflow.session_state if workflow.db is None else None
    if not merged and defaults:
        merged = deepcopy(defaults)
    resolved = workflow._resolve_run_params(metadata=metadata, session_metadata=stored)
    return OpenedSession(merged, resolved["metadata"], read)


async def write_run(
    workflow: Workflow,
    run: WorkflowRunOutput,
    state: dict[str, Any] | None,
    in_thread: RunInThread,
    *,
    session: WorkflowSession | None = None,
    as_of: tuple[int, ...] | None = None,
    is_back: bool = False,
    start: int | None = None,
    over: Over = Over.EARLIER,
    questions: Callable[[Any], None] | None = None,
) -> bool:
    """Write the session's row, the run's and those of its questions: all of them or none, where the database can. None
    where it has a later write of this run, or this very one. Returns whether they are written.

    Args:
        state: The session's. None leaves it as it is.
        session: As it was read just now. None reads it. Where it has been written since, it is read again.
        as_of: Where this stands among the run's writes (`Manifest.as_of`). None where nobody counted.
        is_back: The run is at an earlier state again: it was reset.
        start: It begins: when Temporal took its start, in milliseconds.
        over: What it may take the place of.
        questions: Writes their rows. Called with SQLAlchemy's session, a synchronous one in either case.

    Raises:
        SessionOfAnother: The session is another user's.
        RunIdTaken: The row of that id is another run's.
        Exception: Whatever the database raises.
    """
    kept = await _as_kept(workflow, run)
    writing = _Writing(workflow, run, kept, state, session, as_of, is_back, start, over, questions)
    with suppress(Behind), half_made_forgotten(workflow.db):
        if not workflow._has_async_db():
            saved = await in_thread(lambda: _write_at_once(writing))
        elif not (saved := await _write(writing)):
            await check_of_another(workflow.db, run.session_id or "", run.user_id)
        if not saved:
            raise SessionOfAnother(_OF_ANOTHER.format(run.session_id))
        return True
    return False


@dataclass(frozen=True)
class _Writing:
    """What is to be written. `kept` is the run as the database keeps it."""

    workflow: Workflow
    run: WorkflowRunOutput
    kept: WorkflowRunOutput
    state: dict[str, Any] | None
    session: WorkflowSession | None
    as_of: tuple[int, ...] | None
    is_back: bool
    start: int | None
    over: Over
    questions: Callable[[Any], None] | None


def _write_at_once(writing: _Writing) -> bool:
    """Whether the session is not another user's.

    Raises:
        Behind: The database is ahead. Nothing is written.
    """
    session_id, user_id = writing.run.session_id or "", writing.run.user_id
    row = _row(writing)
    with joined(writing.workflow.db) as db:
        fresh = uncached(writing.workflow, db)
        session = writing.session or read_at_once(fresh, session_id, user_id)
        if can_join(db):
            table = db._get_table(table_type="sessions")
            with db.Session() as rows, rows.begin():
                there = locked(rows, table, session_id)
            if not is_as_read(session, there):
                session = read_at_once(fresh, session_id, user_id)
        columns = _columns(writing, session, row)
        if db.upsert_session(session=session) is None:
            return False
        if can_join(db):
            table = db._get_table(table_type="runs")
            with db.Session() as rows:
                _put_in_order(rows, table, writing, session, columns)
        with suppress(NotImplementedError):  # This database keeps runs inside the session's row.
            db.upsert_run(**columns)
        if writing.questions is not None:
            with db.Session() as rows, rows.begin():
                writing.questions(rows)
    return True


async def _write(writing: _Writing) -> bool:
    """The same of an asynchronous database."""
    session_id, user_id = writing.run.session_id or "", writing.run.user_id
    row = _row(writing)
    async with joined_async(writing.workflow.db) as db:
        session = writing.session or await _read(uncached(writing.workflow, db), session_id, user_id)
        if can_join(db):
            table = await db._get_table(table_type="sessions")
            async with db.async_session_factory() as rows, rows.begin():
                there = await rows.run_sync(locked, table, session_id)
            if not is_as_read(session, there):
                session = await _read(uncached(writing.workflow, db), session_id, user_id)
        columns = _columns(writing, session, row)
        if await db.upsert_session(session=session) is None:
            return False
        if can_join(db):
            table = await db._get_table(table_type="runs")
            async with db.async_session_factory() as rows:
                await rows.run_sync(_put_in_order, table, writing, session, columns)
        with suppress(NotImplementedError):
            await db.upsert_run(**columns)
        if writing.questions is not None:
            async with db.async_session_factory() as rows, rows.begin():
                await rows.run_sync(writing.questions)
    return True


def _put_in_order(rows: Any, table: Any, writing: _Writing, session: WorkflowSession, columns: dict[str, Any]) -> None:
    """Have the run's row say where it stands. A write that nobody counted takes over what is there; and any does the
    run's place in its session, which agno would look for anew, with two statements on PostgreSQL, and then leave.

    Raises:
        Behind: The database is ahead.
        RunIdTaken: The row is another run's.
    """
    known = written(rows, table, writing.run.run_id or "")
    check_owner(known, writing.run, session.user_id, start=writing.start)
    check_order(known, writing.run, writing.as_of, writing.is_back, writing.over)
    as_of = writing.as_of if writing.as_of is not None or known is None else known.as_of
    if as_of is not None:
        columns["run"][AS_OF] = list(as_of)
    if known is not None:
        columns["run_index"] = known.run_index


def _columns(writing: _Writing, session: WorkflowSession, row: Any) -> dict[str, Any]:
    """What the run's row is made of, once the session is what its row is to be.

    Args:
        row: The run's (`_row`).

    Raises:
        Behind: The session, as it was read, has the run's end already.
        RunIdTaken: It has another run under that id.
    """
    workflow, run = writing.workflow, writing.run
    known = None if can_join(workflow.db) else _known(session, run)  # Else its row tells more (`_put_in_order`).
    if known is not None:
        check_owner(known, run, session.user_id, start=writing.start)
        check_order(known, run, None, writing.is_back, writing.over)
    workflow._update_metadata(session)
    if writing.state is not None:
        session.session_data = {**(session.session_data or {}), "session_state": writing.state}
    session.upsert_run(run=run)
    if run.status not in (RunStatus.pending, RunStatus.running):
        session.session_data = {**(session.session_data or {}), "session_metrics": _session_metrics(workflow, session)}
    # The session may have got runs since it was read; agno counts within the write where it can.
    index = None if can_join(workflow.db) else resolve_run_index(session, run)
    _make_plain(workflow.db, session, row, run.run_id)
    return {"run": row, "session_id": session.session_id, "user_id": session.user_id, "run_index": index}


def _known(session: WorkflowSession, run: WorkflowRunOutput) -> Written | None:
    """What the session, as it was read, has under the run's id."""
    known: Any = session.get_run(run.run_id or "")
    if known is None:
        return None
    kind = "workflow" if isinstance(known, WorkflowRunOutput) else "another"
    whose = session.session_id, known.user_id, getattr(known, "workflow_id", None)
    return Written(known.status, known.created_at, None, kind, *whose, in_session=True)


async def _as_kept(workflow: Workflow, run: WorkflowRunOutput) -> WorkflowRunOutput:
    """The run without its media, or with references to them, as `store_media` and `media_storage` say. Both are about
    the database: a run that goes on has its media in its history."""
    if not workflow.store_media:
        return workflow._scrub_run_media_copy(run)
    return await workflow._aoffload_run_media_copy(run, run.session_id or "")


def _session_metrics(workflow: Workflow, session: WorkflowSession) -> dict[str, Any]:
    """agno adds each run's metrics to what the row has (agno/workflow/workflow.py:11387); a write that comes twice
    would count twice."""
    total = SessionMetrics()
    for run in session.runs or ():
        if run.metrics is not None:
            total.accumulate_from_run(workflow._calculate_session_metrics_from_workflow_metrics(run.metrics))
    return total.to_dict()


def _row(writing: _Writing) -> Any:
    """The run, of values that the database takes. One in memory keeps what it is handed."""
    db = writing.workflow.db
    if _is_in_memory(db):
        return run_dict(writing.kept)
    strict = has_strict_text(db)
    return fitting(run_row(writing.kept, strict)) if strict else run_row(writing.kept, strict)


def _make_plain(db: Any, session: WorkflowSession, row: Any, run_id: str | None) -> None:
    """The session, in place, of such values."""
    if _is_in_memory(db):
        return
    strict = has_strict_text(db)
    for name in ("session_data", "workflow_data", "metadata"):
        setattr(session, name, row_value(getattr(session, name), strict))
    runs: list[Any] = [row if one.run_id == run_id else one for one in session.runs or ()]
    session.runs = runs


def _is_in_memory(db: Any) -> bool:
    from agno.db.in_memory import InMemoryDb  # Few workflows have one, and it takes a while to load.

    return isinstance(db, InMemoryDb)


def has_strict_text(db: Any) -> bool:
    """Whether the database refuses NUL and lone surrogates in JSON: those of SQL other than SQLite."""
    engine = getattr(db, "db_engine", None)
    return engine is not None and engine.dialect.name != "sqlite"
