"""The session that a step looks back into: the earlier runs of a conversation (agno's workflow history).

agno reads the session once, before the first step. Here each step runs wherever there is a worker, and most never look
back; so a function's session is read when it first asks, and an agent's only if the history stands in its prompt. A
database that is down then holds up nobody who does not need it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow

from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.live import LiveStep
from agno_temporal.contract.tasks import RunFacts


async def session_for(live: LiveStep, facts: RunFacts, in_thread: RunInThread) -> WorkflowSession | None:
    """The session for one step. None where there is none to read, or the step does not look into it.

    Raises:
        Exception: Whatever the database raises.
    """
    owner, is_function = live.owner, live.step.executor_type == "function"
    if owner.db is None or not (is_function or _shows_history(live)):
        return None
    if owner._has_async_db():
        return await owner.aread_or_create_session(session_id=facts.session_id, user_id=facts.user_id)
    read = functools.partial(_read, owner, facts)
    # A proxy has whatever is asked of it, and agno only asks.
    return cast("WorkflowSession", _ReadWhenAsked(read)) if is_function else await in_thread(read)


def _shows_history(live: LiveStep) -> bool:
    """agno/workflow/step.py:1238."""
    if live.is_workflow_agent:
        return bool(getattr(live.step.agent, "add_workflow_history", True))
    own = live.step.add_workflow_history
    return live.owner.add_workflow_history_to_steps if own is None else own


def _read(owner: Workflow, facts: RunFacts) -> WorkflowSession:
    return owner.read_or_create_session(session_id=facts.session_id, user_id=facts.user_id)


class _ReadWhenAsked:
    """A session that is read from the database when something of it is first asked for."""

    def __init__(self, read: Callable[[], WorkflowSession]) -> None:
        self._read = functools.cache(read)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # Copying asks for these of an object that has nothing yet.
            raise AttributeError(name)
        return getattr(self._read(), name)
