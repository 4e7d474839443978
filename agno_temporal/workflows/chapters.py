"""A run that goes on in a new Temporal run, and then in another, for as long as it takes.

Nothing may be lost in between: not a decision that comes just then, not an event, not the outputs that later steps ask
for, though Temporal deletes a history some time after its end. So a run leaves its history only where all of it rests
(`workflows.pace`) and no decision is half taken. What it is (`contract.chapter`) goes along as an argument; what would
be too large for that is first kept in the old history, in pieces, and brought over by an activity, as outputs are in
any case. Only then does the walk begin, and find its way back (`workflows.journal`).

Whether a run does this is recorded when it opens. One that was opened before there was such a thing never does.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Final, NoReturn

from temporalio import workflow

from agno_temporal.contract import names
from agno_temporal.contract.chapter import CarryTask, Chapter, Continued, Kept, packed, unpacked
from agno_temporal.contract.errors import ErrorType
from agno_temporal.plan.data import Json, to_json
from agno_temporal.workflows import calls
from agno_temporal.workflows.failures import RunFailed
from agno_temporal.workflows.gate import Gates
from agno_temporal.workflows.interpreter import Interpreter
from agno_temporal.workflows.journal import Strand, follow
from agno_temporal.workflows.notices import Notices
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.saving import restored, saved, unpacked_length
from agno_temporal.workflows.shared_plans import chapter_of
from agno_temporal.workflows.waiting import NEXT_TASK

ARGUMENT_BYTES: Final = 1_500_000
"""What the arguments of a Temporal run may have. Temporal takes 2 MB; the rest is for a codec. Like `PIECE_BYTES` it is
never changed: a run that was about to go on would replay to another end."""

PIECE_BYTES: Final = 1_500_000
"""Of a chapter's JSON. Packed it is smaller, but how small depends on the library."""

MOST_EVENTS: Final = 50_000
"""How many events a run takes along. Four are one step of a loop, whose output goes along as well. To write that many
outputs takes 0.15 s, and a workflow task has two: a run with many more would be stuck on a machine that is slow."""


class Chapters:
    """The way of a run through its Temporal runs."""

    def __init__(self, state: RunState, gates: Gates, notices: Notices, continued: Continued | None) -> None:
        self.is_first = continued is None
        self._state = state
        self._gates = gates
        self._notices = notices
        self._continued = continued
        self._root = Strand(state.session_state)
        self._outputs: tuple[str, ...] = ()
        if continued is not None:
            state.awaited = continued.chapter is None
            if continued.chapter is not None:
                self._restore(chapter_of(continued.chapter))
        self._is_here = continued is not None and not state.awaited and not self._outputs
        if self._is_here:
            self._begin()

    async def walk(self) -> None:
        """Walk the plan to its end, or to the end of this Temporal run.

        Raises:
            CancelledError: The run is cancelled.
            RunFailed: It is over; or too long to go on.
        """
        cancelled = await self._brought()
        state = self._state
        if self.is_first:
            self._root = Strand(state.session_state)
        follow(self._root)
        state.pace.cancelled = cancelled
        if not self._is_here:
            self._begin()
        walk = Interpreter(state, self._gates)
        if not state.pace.after:
            await walk.run()
            return
        task = asyncio.ensure_future(walk.run())
        try:
            await workflow.wait_condition(lambda: True)  # Until all of it stands where it stood.
            if cancelled:
                task.cancel()  # It has ended already, but for what waits for nothing.
            while True:
                await workflow.wait_condition(lambda: task.done() or self._may_leave())
                if task.done():
                    break
                if state.pace.was_told:
                    # Of what one task brings, the signals and updates are looked at before a cancel is, and a run that
                    # has gone on by then would not hear of it. And a task that ends a Temporal run is refused where
                    # something has come meanwhile: one that has waited for a local activity would lose what that did.
                    await workflow.sleep(NEXT_TASK, summary="to go on")
                    state.pace.heard()
                else:
                    self._refuse_too_long()
                    await self._leave()
        except asyncio.CancelledError:
            task.cancel()
        except RunFailed:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            raise
        await task

    def _begin(self) -> None:
        """Count what comes from here on. Where nothing is to be brought, that is from the first moment: a workflow task
        that leaves no trace is one with the next in a replay, and what that brings comes before the walk begins."""
        opened = self._state.opened
        self._state.pace.begin(opened.continue_after, counted=opened.counted)

    def _refuse_too_long(self) -> None:
        """
        Raises:
            RunFailed: What the run is cannot be written within a workflow task any more, and so not taken along.
        """
        if (told := self._state.events.facts) > MOST_EVENTS:
            text = f"The run has told {told} events, and goes on with {MOST_EVENTS} at most (docs/limits.md). Split it."
            raise RunFailed(text, ErrorType.RUN_TOO_LONG)

    async def _brought(self) -> bool:
        """Bring what the last Temporal run has left. Returns whether the run was cancelled meanwhile: first it must
        know what there is to cancel."""
        cancelled = False
        if self._continued is not None:
            bringing = asyncio.ensure_future(self._bring(self._continued))
            while not bringing.done():
                try:
                    await asyncio.shield(bringing)
                except asyncio.CancelledError:
                    cancelled = True
            bringing.result()
        return cancelled

    async def _bring(self, continued: Continued) -> None:
        state = self._state
        if continued.chapter is None:
            try:
                pieces = [
                    await calls.carry(state, CarryTask(continued.run_id, kept=activity_id))
                    for activity_id in continued.kept
                ]
                text = "".join(unpacked(piece.text or "") for piece in pieces)
                self._restore(chapter_of(json.loads(text)))
            finally:
                state.awaited = False  # Or else who waits for it would keep the run from ending.
            await workflow.wait_condition(workflow.all_handlers_finished)
        rest = self._outputs
        while rest:
            rest = (await calls.carry(state, CarryTask(continued.run_id, outputs=rest))).rest

    def _restore(self, chapter: Chapter) -> None:
        self._root = restored(self._state, self._notices, chapter)
        self._outputs = chapter.outputs

    def _may_leave(self) -> bool:
        """It is asked in each workflow task, when a step is mostly under way."""
        pace = self._state.pace
        return (
            pace.busy == 0
            and pace.due
            and workflow.cancellation_reason() is None
            and self._root.rests
            and self._notices.idle
            and self._state.is_known
            and not self._gates.has_suspects
            and workflow.all_handlers_finished()
        )

    async def _leave(self) -> None:
        """Go on in a new Temporal run. Returns where the run has moved meanwhile, and is to be looked at again."""
        state = self._state
        data = self._saved()
        text = json.dumps(data)
        length, run_id = unpacked_length(data, text), workflow.info().run_id
        if length + len(json.dumps(to_json(state.request))) <= ARGUMENT_BYTES:
            self._go_on(Continued(run_id, data))
        state.pace.leaving = True
        try:
            kept = [await calls.keep(state, Kept(packed(piece))) for piece in _cut(text, -(-length // PIECE_BYTES))]
        finally:
            state.pace.leaving = False
        if self._may_leave() and json.dumps(self._saved()) == text:
            self._go_on(Continued(run_id, kept=tuple(kept)))

    def _saved(self) -> Json:
        packs, is_inline_once = workflow.patched(names.EVENTS_PACKED), workflow.patched(names.INLINE_GOES_ALONG)
        return saved(self._state, self._notices, self._root, packs=packs, is_inline_once=is_inline_once)

    def _go_on(self, continued: Continued) -> NoReturn:
        self._state.events.leave()
        memo = {**workflow.memo(), names.MEMO_STARTED: self._state.started_at}
        workflow.continue_as_new(args=[to_json(self._state.request), to_json(continued)], memo=memo)


def _cut(text: str, pieces: int) -> list[str]:
    return [text[len(text) * piece // pieces : len(text) * (piece + 1) // pieces] for piece in range(pieces)]
