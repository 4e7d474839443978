"""A strand that was told what it was told before ends where it stood, and is live from there on."""

from __future__ import annotations

import asyncio

import pytest

from agno_temporal.contract.journal import Asking, Counted, Done, Forked, Parked, Raised, Ran
from agno_temporal.contract.outputs import Leaf
from agno_temporal.contract.tasks import StateChange
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.journal import JournalMismatch, Strand
from agno_temporal.workflows.state import SessionState

RAN = Ran(Leaf("0#1", "digest"))


def strand(*entries) -> Strand:
    return Strand(SessionState({"a": 1}), entries)


def called(one: Strand, answer: Ran | StepFailed) -> Ran:
    async def work() -> Ran:
        if isinstance(answer, StepFailed):
            raise answer
        return answer

    return asyncio.run(one.called(Ran, work))


def test_what_a_call_answered_is_told_again_and_not_asked() -> None:
    one = strand(RAN, Parked())
    assert called(one, Ran(Leaf("other", "digest"))) == RAN
    assert one.behind


def test_a_failure_is_told_again() -> None:
    first = strand()
    with pytest.raises(StepFailed):
        called(first, StepFailed("boom", "ValueError"))
    assert first.entries() == (Raised("boom", "ValueError"),)
    with pytest.raises(StepFailed, match="boom"):
        called(strand(*first.entries()), RAN)


def test_where_it_stood_it_is_live() -> None:
    one = strand(Parked())
    assert one.parked()
    assert not one.behind
    assert one.entries() == ()


def test_a_node_that_is_done_is_one_entry() -> None:
    one = strand()
    one.add(Counted(1, 0.0))
    mark = one.mark
    called(one, RAN)
    one.close(mark, Done("0", RAN.leaf))
    assert one.entries() == (Counted(1, 0.0), Done("0", RAN.leaf))


def test_what_is_done_inside_is_not_taken_for_what_is_around() -> None:
    one = strand(Done("0/if/0", RAN.leaf), Parked())
    assert one.told_of("0", Done) is None
    assert one.told_of("0/if/0", Done) == Done("0/if/0", RAN.leaf)


def test_branches_go_on_with_their_own_journals_and_their_own_state() -> None:
    one = strand()
    left, right = one.fork(2)
    left.add(Asking("r1"))
    left.still = True
    right.state.apply(StateChange({"b": 2}, ("a",)))
    assert not one.rests
    right.still = True
    assert one.rests
    [forked] = one.entries()
    assert isinstance(forked, Forked)
    again = strand(forked)
    left, right = again.fork(2)
    assert (left.told(Asking), left.state.values) == (Asking("r1"), {"a": 1})
    assert right.state.values == {"b": 2}
    assert again.entries() == (forked,)


def test_a_walk_that_asks_for_something_else_is_a_fault() -> None:
    with pytest.raises(JournalMismatch):
        strand(RAN, Parked()).add(Counted(1, 0.0))
