"""Values that nobody can read, or write, are refused with the decision that brings them.

A client of ours encodes what it sends, but anybody can send a raw signal or a raw update. Recorded, a value like
``{"$type": "nonsense"}`` leaves the run with an answer that no later decision replaces and no worker can use.

A decision is written as JSON in which all but ASCII is escaped, a Cyrillic letter in six bytes for two. What a run
sends in one message has room for ten decisions at once where they are bounded as written, too.

A value of a class that only some workers have loaded is taken: the step that gets it waits, visibly, until one of them
takes it up. It is what a client of the next version of the workflow sends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from agno_temporal.hitl.decision import Decision, Refusal, RefusalCode
from agno_temporal.hitl.tools import Fault
from agno_temporal.plan.data import Json, to_json
from agno_temporal.plan.tagged import TAG, fault_of

MAX_WRITTEN_BYTES = 131_072
"""Twice the bound of UTF-8: a text of letters that are no ASCII has less room than one of letters that are."""


def unreadable(decision: Decision) -> Refusal | None:
    """Why the decision cannot be used by any worker, whatever it answers."""
    if (size := len(json.dumps(to_json(decision)))) > MAX_WRITTEN_BYTES:
        text = f"The decision has {size} bytes as written; at most {MAX_WRITTEN_BYTES} are taken. Send a reference."
        return Refusal(RefusalCode.MALFORMED, text)
    wrong = tuple(_faults(decision))
    if not wrong:
        return None
    errors = tuple(error for _, error in wrong)
    return Refusal(
        RefusalCode.INVALID_INPUT,
        f"The decision cannot be read: {'; '.join(errors)}.",
        errors=errors,
        fields=tuple(name for name, _ in wrong),
    )


def _faults(decision: Decision) -> Iterator[Fault]:
    yield from _faults_of_form(decision.values or {}, "")
    if fault := fault_of(decision.edited_output):
        yield "edited_output", f"edited_output: {fault}"
    for call, answer in (decision.answers or {}).items():
        yield from ((call[:80], error) for _, error in _faults_of_form(answer.values or {}, f"{call[:80]}: "))


def _faults_of_form(values: Mapping[str, Json], where: str) -> Iterator[Fault]:
    """Values are read as one object too, which a field of the tag's name would make another value."""
    for name, value in values.items():
        if name == TAG:
            yield name, f"{where}{TAG}: no field can have this name"
        elif fault := fault_of(value):
            yield name[:80], f"{where}{name[:80]}: {fault}"
