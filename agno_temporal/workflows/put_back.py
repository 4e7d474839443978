"""A run that `temporal workflow reset` has put back: its rows tell of what it did before, and have to be written anew.

A question that is open again stands in no list until then, so that nobody would decide it; and a row that tells of the
end of a run is never written back to an earlier state, but for this. Who is told of what the run asks may have been
told that it was decided, and is told of it once more (`workflows.notices`).

Temporal copies the history up to the reset and gives the run a new seed for its random numbers there. That is all that
workflow code hears of it, at the same place in every replay.
"""

from __future__ import annotations

import asyncio

from temporalio import workflow

from agno_temporal.contract import names
from agno_temporal.contract.manifest import moment_of
from agno_temporal.workflows import calls
from agno_temporal.workflows.notices import Notices
from agno_temporal.workflows.run_state import RunState


class PutBack:
    """Watches for a reset, and after each writes the rows, and tells of what is asked there. Whatever else is to be
    written waits for that, or has done it."""

    def __init__(self, state: RunState, notices: Notices) -> None:
        self._state = state
        self._notices = notices
        self._loop = asyncio.get_running_loop()
        self._making_known: asyncio.Task[None] | None = None
        workflow.register_random_seed_callback(self._note)

    def stop(self) -> None:
        """The run has ended."""
        if self._making_known is not None:
            self._making_known.cancel()

    def _note(self, seed: int) -> None:
        """It is called before the workflow's event loop runs, so that no condition would be looked at for it where
        nothing else happens in the workflow task (temporalio 1.35, worker/_workflow_instance.py:1206, 2809): a task is
        what makes it run."""
        self._state.since = moment_of(self._loop.time())
        self._state.put_back = True
        self._notices.put_back()
        if self._making_known is None or self._making_known.done():
            self._making_known = self._loop.create_task(self._make_known())

    async def _make_known(self) -> None:
        state = self._state
        await workflow.wait_condition(lambda: state.plan is not None and not state.awaited)
        while state.put_back and workflow.patched(names.PUT_BACK_WRITTEN):
            state.writing_anew = asyncio.create_task(calls.write_rows(state))
            await state.writing_anew
        state.put_back = False
        self._notices.ask_again()
