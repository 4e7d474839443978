"""Deleting a session, straight against Temporal and the app's database, or through an API.

Everything that may be wrong with the command is found before anybody is asked whether he means it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from agno.workflow import Workflow

from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.cli.backend import Document
from agno_temporal.cli.core_log import connected_client
from agno_temporal.cli.doctor import Place
from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.cli.remote import Remote
from agno_temporal.client import RunClient
from agno_temporal.connect.loading import load_workflows
from agno_temporal.connect.settings import Settings
from agno_temporal.durable.forgetting import (
    SessionElsewhere,
    SessionInUse,
    SessionNotFound,
    SessionShared,
    forget_session,
    has_session,
)


async def forgetting(
    place: Place, session_id: str, app: Sequence[str], workflow_id: str | None
) -> Callable[[], Awaitable[Document]]:
    """What deletes the session, and answers with its id and those of its runs.

    Raises:
        Failed: It cannot be said where the session is.
        CannotLoad, PlanError: The app has no workflows that could be run.
        Exception: The database's own; it does not answer.
    """
    if isinstance(place, Remote):
        if app:
            raise Failed("An API knows its own app: leave APP out, or name Temporal with --address.", ExitCode.USAGE)
        if workflow_id is None:
            raise Failed("The workflow is missing: --workflow ID.", ExitCode.USAGE)
        api, named = place, workflow_id
        return lambda: api.delete_session(named, session_id)
    if not app:
        raise Failed("The app is missing: agno-temporal delete-session SESSION_ID app.py.", ExitCode.USAGE)
    settings, served = place, await asyncio.to_thread(_served, app)
    workflow = await _whose(served, session_id) if workflow_id is None else _named(served, workflow_id)
    return lambda: _forget(settings, workflow, session_id, list(served.values()))


def _served(app: Sequence[str]) -> dict[str, Workflow]:
    """The app's workflows, by their ids."""
    registry = Registry()
    for workflow in load_workflows(app):
        registry.add(workflow)
    return {name: one.workflow for name in registry.names() if (one := registry.get(name))}


def _named(served: Mapping[str, Workflow], workflow_id: str) -> Workflow:
    found = served.get(workflow_id)
    if found is None:
        raise Failed(f"The app has no workflow {workflow_id!r}; it has {', '.join(served)}.", ExitCode.NOT_FOUND)
    if found.db is None:
        raise Failed(f"Workflow {workflow_id!r} has no database, and so no sessions.", ExitCode.USAGE)
    return found


async def _whose(served: Mapping[str, Workflow], session_id: str) -> Workflow:
    """The workflow whose database has the session as its own. Where none has it, any: it is deleted already."""
    kept = {name: one for name, one in served.items() if one.db is not None}
    if not kept:
        raise Failed(f"No workflow of the app has a database, and so sessions: {', '.join(served)}.", ExitCode.USAGE)
    owners = [name for name, one in kept.items() if await has_session(one, session_id)]
    if len({id(kept[name].db) for name in owners}) > 1:
        text = f"Several databases have a session {session_id!r}. Name its workflow: --workflow ID"
        raise Failed(f"{text} (it is of {', '.join(owners)}).", ExitCode.USAGE)
    return kept[[*owners, *kept][0]]


async def _forget(settings: Settings, workflow: Workflow, session_id: str, served: Sequence[Workflow]) -> Document:
    runs = RunClient(await connected_client(settings), settings.queue)
    try:
        run_ids = await forget_session(runs, workflow, session_id, served=served)
    except SessionNotFound as error:
        raise Failed(str(error), ExitCode.NOT_FOUND) from error
    except (SessionInUse, SessionShared, SessionElsewhere) as error:
        raise Failed(str(error), ExitCode.REFUSED) from error
    return {"session_id": session_id, "run_ids": run_ids}
