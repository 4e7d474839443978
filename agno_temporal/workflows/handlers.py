"""Decisions as they arrive: by update, which answers, and by signal, which is kept even if no worker is up.

An exception in a handler fails the workflow task, and the run is stuck until the code is mended; so whatever a caller
sends, these answer with a refusal. Signals are taken by one handler for all names with raw arguments: a named handler
that is sent two arguments, or none, raises in the SDK before any of our code runs, and the SDK drops a signal that it
cannot decode with a line in a log.

A decision that holds a value which nobody can read (`hitl.readable`), or an edit for which there is no room, is refused
where nothing is replayed: an update by its validator alone, a signal behind a patch. What an older version took, a
replay takes; what it refused, it refuses (`hitl.rules`).

Where a run goes on in a new Temporal run, and what it was is still being brought, a decision waits; an update is then
judged as of when it came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from agno_temporal.contract import names
from agno_temporal.contract.errors import ErrorType, as_unicode
from agno_temporal.contract.sealed import refuse_unopened, why_unopened
from agno_temporal.hitl import Decision, Refusal, RefusalCode, Resolution, decision_from_json, unreadable
from agno_temporal.plan.data import Json, to_json
from agno_temporal.workflows.gate import Gates, Suspect
from agno_temporal.workflows.run_state import RunState


class Decisions:
    """The way from an update or a signal into the ledger."""

    def __init__(self, state: RunState, gates: Gates) -> None:
        self._state = state
        self._gates = gates
        self._signals = 0

    def check(self, raw: RawValue) -> None:
        """The validator: refuses without a trace in history. What it cannot open it leaves to a worker with the key."""
        if (why := why_unopened(raw.payload.metadata)) is not None:
            raise ApplicationError(
                f"The decision cannot be opened: {why}", type=ErrorType.UNOPENED.value, non_retryable=True
            )
        now = workflow.time()
        decision = _decoded(raw) if self._state.awaited else _judged(self._gates.judge, raw, now).decision
        if isinstance(decision, Refusal):
            raise _refused(decision)
        refusal = unreadable(decision) or self._no_room(decision)
        if refusal is not None:
            raise _refused(refusal)

    async def decide(self, raw: RawValue) -> dict[str, Any]:
        """Record the decision, or answer with the record of the same decision sent before."""
        arrived, comes_early = workflow.time(), self._state.awaited
        self._state.pace.tell()
        if comes_early:
            await workflow.wait_condition(lambda: not self._state.awaited)
        judge = self._gates.judge_unseen if comes_early else self._gates.judge_taken
        resolution = _judged(judge, raw, arrived)
        if comes_early and (refusal := self._no_room(resolution.decision)) and workflow.patched(names.EDITS_BOUNDED):
            raise _refused(refusal)  # Nobody knew before how much room there was.
        self._state.pace.updates += 1
        self._state.pace.take(len(raw.payload.data))
        self._state.ledger.record(resolution)
        answer: dict[str, Any] = to_json(resolution)
        return answer

    async def signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Take a decision that nobody waits for. What is refused is kept for whoever looks."""
        self._signals += 1
        self._state.pace.tell()
        ordinal = self._signals
        if self._state.awaited:
            await workflow.wait_condition(lambda: not self._state.awaited)
        decision = _from_signal(name, args)
        if isinstance(decision, Decision):
            decision = self._fit(decision)
        if isinstance(decision, Refusal):
            self._state.refuse_signal(f"{name}: {decision.message}")
            return
        verdict = self._gates.judge_unseen(decision, workflow.time())
        if isinstance(verdict, Resolution):
            self._state.ledger.record(verdict)
        elif verdict.code is RefusalCode.EXPIRED:
            self._gates.suspect(Suspect(ordinal, decision))
        else:
            self._state.refuse_signal(f"{name}: {verdict.message}")

    def _no_room(self, decision: Decision) -> Refusal | None:
        return self._state.ledger.has_no_room(decision)

    def _fit(self, decision: Decision) -> Decision | Refusal:
        """The decision of a signal, unless nobody can read it, or it has no room. The patches are asked about last, so
        that no other signal writes a marker."""
        if (refusal := unreadable(decision)) is not None and workflow.patched(names.UNREADABLE_REFUSED):
            return refusal
        if (refusal := self._no_room(decision)) is not None and workflow.patched(names.EDITS_BOUNDED):
            return refusal
        return decision


def _judged(judge: Callable[[Decision, float], Resolution | Refusal], raw: RawValue, now: float) -> Resolution:
    decision = _decoded(raw)
    verdict = judge(decision, now) if isinstance(decision, Decision) else decision
    if isinstance(verdict, Refusal):
        raise _refused(verdict)
    return verdict


def _refused(refusal: Refusal) -> ApplicationError:
    message = as_unicode(refusal.message)
    return ApplicationError(message, to_json(refusal), type=refusal.code.value, non_retryable=True)


def _decoded(raw: RawValue) -> Decision | Refusal:
    data = _json(raw)
    return data if isinstance(data, Refusal) else decision_from_json(data)


def _from_signal(name: str, args: Sequence[RawValue]) -> Decision | Refusal:
    action = names.SIGNALS.get(name)
    if action is None:
        return Refusal(RefusalCode.MALFORMED, f"There is no signal of this name; there are {', '.join(names.SIGNALS)}.")
    if len(args) != 1:
        return Refusal(RefusalCode.MALFORMED, f"The signal takes one object, not {len(args)} arguments.")
    data = _json(args[0])
    if isinstance(data, Refusal):
        return data
    if not isinstance(data, dict) or "action" in data:
        return Refusal(RefusalCode.MALFORMED, "The signal takes an object like a decision's, without its action.")
    return decision_from_json({**data, "action": action})


def _json(raw: RawValue) -> Json | Refusal:
    """
    Raises:
        Unopened: It is encrypted, and the key is missing. That fails the workflow task until the key is there: this
            decision was taken, or may yet be.
    """
    refuse_unopened(raw.payload.metadata, "A decision")
    try:
        return workflow.payload_converter().from_payload(raw.payload)
    except Exception as error:
        return Refusal(RefusalCode.MALFORMED, f"The payload cannot be decoded: {type(error).__name__}: {error}")
