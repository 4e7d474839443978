"""The earlier runs of a session, for the steps that read them.

agno hands the session to every step: an agent or a team reads it where history is switched on, a function whenever it
asks its input for the history (agno/workflow/types.py:449). Reading it means reading every run of the session, which a
step that never asks should not pay for. So a step with history gets the session as it is, and a function gets one that
is read when it is first looked at.

An asynchronous function looks at it on the worker's event loop, which stands still meanwhile, and with it every other
step of this worker. So that read has a bound, and happens once: a step that has asked is given the session as it is
from then on. Where the first read took too long, that is at the next attempt.

That read happens within the step's own code, and is not its own: where the database fails, nothing that the step did
was wrong, and none of its retries is used up.

As in agno the run itself is not part of its history, and `get_workflow_history` takes completed runs only.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import Any, Final

from agno.session.workflow import WorkflowSession
from agno.workflow import Step, Workflow
from agno.workflow.step import _is_async_callable, _is_async_generator_function

from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.database_errors import DatabaseFailed
from agno_temporal.agno_bridge.live import LiveStep
from agno_temporal.agno_bridge.store import read_at_once, read_session, uncached
from agno_temporal.contract.tasks import RunFacts

STANDS_STILL: Final = 1.0
"""Seconds for which an asynchronous function's first look at the history may hold up the worker."""


class HistoryNotRead(DatabaseFailed):
    """A step asked for the session, and its database failed."""


class LazySession(WorkflowSession):
    """A session of which all but its id and its user is read when it is first asked for."""

    def __init__(self, known: dict[str, Any], read: Callable[[], WorkflowSession]) -> None:
        self.__dict__.update(known)
        self.__dict__["_read"] = read

    def __getattribute__(self, name: str) -> Any:
        own: dict[str, Any] = object.__getattribute__(self, "__dict__")
        if name in WorkflowSession.__dataclass_fields__ and name not in own:
            try:
                own.update({**vars(own["_read"]()), **own})
            except Exception as error:
                raise HistoryNotRead(f"The session could not be read: {error}") from error
        return object.__getattribute__(self, name)


async def session_for(live: LiveStep, facts: RunFacts, in_thread: RunInThread) -> WorkflowSession | None:
    """The session that a step is given: its own workflow's. None for a step that cannot look at one.

    Args:
        in_thread: For a database that is not asynchronous.

    Raises:
        Exception: Whatever the database raises.
    """
    is_function = live.step.executor_type == "function"
    if not is_function and not (live.is_workflow_agent or uses_history(live.step, live.owner)):
        return None
    if is_function and not uses_history(live.step, live.owner) and not live.asks.is_set():
        on_loop = _runs_on_the_loop(live.step)
        if not live.owner._has_async_db():
            return _lazy(facts, lambda: _asked_first(live, facts) if on_loop else _at_once(live.owner, facts))
        if not on_loop:
            loop = asyncio.get_running_loop()
            waits = partial(asyncio.run_coroutine_threadsafe, loop=loop)
            return _lazy(facts, lambda: waits(_read(live.owner, facts, in_thread)).result())
    return await _read(live.owner, facts, in_thread)


def uses_history(step: Step, owner: Workflow) -> bool:
    """Whether agno would put the history into the step's message (agno/workflow/step.py:1593)."""
    own = step.add_workflow_history
    return bool(owner.add_workflow_history_to_steps if own is None else own)


def _runs_on_the_loop(step: Step) -> bool:
    """Such a function cannot wait for a read that its own loop has to make."""
    return _is_async_callable(step.active_executor) or _is_async_generator_function(step.active_executor)


async def _read(owner: Workflow, facts: RunFacts, in_thread: RunInThread) -> WorkflowSession:
    return _history(await read_session(owner, facts.session_id, facts.user_id, in_thread), facts)


def _at_once(owner: Workflow, facts: RunFacts) -> WorkflowSession:
    return _history(read_at_once(uncached(owner), facts.session_id, facts.user_id), facts)


def _asked_first(live: LiveStep, facts: RunFacts) -> WorkflowSession:
    """For a function on the loop, which waits for it.

    Raises:
        TimeoutError: It took too long. The next attempt has it.
    """
    live.asks.set()
    found: Future[WorkflowSession] = Future()
    context = contextvars.copy_context()

    def read() -> None:
        try:
            found.set_result(context.run(_at_once, live.owner, facts))
        except BaseException as error:
            found.set_exception(error)

    Thread(target=read, name="agno-history", daemon=True).start()
    try:
        return found.result(STANDS_STILL)
    except TimeoutError as error:
        raise TimeoutError(f"it took more than {STANDS_STILL:g} s on the event loop; next time it is there") from error


def _history(session: WorkflowSession, facts: RunFacts) -> WorkflowSession:
    session.runs = [run for run in session.runs or () if run.run_id != facts.run_id]
    return session


def _lazy(facts: RunFacts, read: Callable[[], WorkflowSession]) -> LazySession:
    """Whose it is, its row says: another workflow may have begun it."""
    return LazySession({"session_id": facts.session_id, "user_id": facts.user_id}, read)
