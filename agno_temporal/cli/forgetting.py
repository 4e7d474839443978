"""Deleting a session, straight against Temporal and the app's database, or through an API.

Everything that may be wrong with the command is found before anybody is asked whether he means it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

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
)


def forgetting(
    place: Place, session_id: str, app: Sequence[str], workflow_id: str | None
) -> Callable[[], Awaitable[Document]]:
    """What deletes the session, and answers with its id and those of its runs.

    Raises:
        Failed: It cannot be said where the session is.
        CannotLoad, PlanError: The app has no workflows that could be run.
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
    settings, (workflow, served) = place, _its_workflow(app, workflow_id)
    return lambda: _forget(settings, workflow, session_id, served)


def _its_workflow(app: Sequence[str], workflow_id: str | None) -> tuple[Workflow, Sequence[Workflow]]:
    """The workflow, and all that the app has."""
    registry = Registry()
    for workflow in load_workflows(app):
        registry.add(workflow)
    names = registry.names()
    if workflow_id is None and len(names) > 1:
        raise Failed(f"The app has {', '.join(names)}. Whose session it is says --workflow ID.", ExitCode.USAGE)
    found = registry.get(workflow_id or names[0])
    if found is None:
        raise Failed(f"The app has no workflow {workflow_id!r}; it has {', '.join(names)}.", ExitCode.NOT_FOUND)
    if found.workflow.db is None:
        raise Failed(f"Workflow {found.plan.workflow_id!r} has no database, and so no sessions.", ExitCode.USAGE)
    return found.workflow, [one.workflow for name in names if (one := registry.get(name))]


async def _forget(settings: Settings, workflow: Workflow, session_id: str, served: Sequence[Workflow]) -> Document:
    runs = RunClient(await connected_client(settings), settings.queue)
    try:
        run_ids = await forget_session(runs, workflow, session_id, served=served)
    except SessionNotFound as error:
        raise Failed(str(error), ExitCode.NOT_FOUND) from error
    except (SessionInUse, SessionShared, SessionElsewhere) as error:
        raise Failed(str(error), ExitCode.REFUSED) from error
    return {"session_id": session_id, "run_ids": run_ids}
