"""A run that `temporal workflow reset` has put back: its rows tell of what it did before, and have to be written anew.

A question that is open again stands in no list until then, so that nobody would decide it; and a row that tells of the
end of a run is never written back to an earlier state, but for this.

Temporal copies the history up to the reset and gives the run a new seed for its random numbers there. That is all that
workflow code hears of it, at the same place in every replay.
"""

from __future__ import annotations

import asyncio

from temporalio import workflow

from agno_temporal.contract import names
from agno_temporal.workflows import calls
from agno_temporal.workflows.run_state import RunState


class PutBack:
    """Watches for a reset."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._noted = asyncio.Event()
        workflow.register_random_seed_callback(self._note)

    def _note(self, seed: int) -> None:
        """The event wakes `write_rows`: where nothing else happens in a workflow task, no condition is looked at
        (temporalio 1.35, worker/_workflow_instance.py:2809)."""
        self._state.put_back = True
        self._noted.set()

    async def write_rows(self) -> None:
        """Write the rows after each reset. Whatever else is to be written waits for that, or has done it."""
        state = self._state
        while True:
            await self._noted.wait()
            self._noted.clear()
            await workflow.wait_condition(lambda: state.plan is not None and not state.awaited)
            if state.put_back and workflow.patched(names.PUT_BACK_WRITTEN):
                state.writing_anew = asyncio.create_task(calls.write_rows(state))
                await state.writing_anew
            else:
                state.put_back = False
