"""The interpreter's journal: how a walk finds its way back to where it stood.

A coroutine cannot be written into a history. But the walk is a function of what it is told, and what it is told is kept
here (`contract.journal`): so in a new Temporal run it walks again, told the same, and does nothing that it has done
before. While it is *behind*, no event is added, nothing is marked and no activity is called. Its last entry is where it
stood, and from there on it is live.

Each branch of a Parallel is a coroutine of its own, and has a strand of its own; which one that is, its context says. A
node that is done is one entry, so that a strand is as long as the walk is deep, and not as long as it has lasted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from agno_temporal.contract.journal import Branch, Counted, Done, Entry, Forked, Iterated, Parked, Raised
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.state import SessionState

E = TypeVar("E", bound=Entry)

P = TypeVar("P", Done, Iterated)


class JournalMismatch(Exception):
    """The walk asks for something else than it was told: a fault of ours, which fails the workflow task."""


@dataclass(frozen=True, slots=True)
class _Fork:
    """A Parallel that is under way, in this process."""

    branches: tuple[Strand, ...]
    base: SessionState


class Strand:
    """The journal of one coroutine.

    Attributes:
        state: The session state that it works on.
        still: It waits for a decision, or to go on in another Temporal run, or is done.
    """

    def __init__(self, state: SessionState, entries: Sequence[Entry] = ()) -> None:
        self.state = state
        self.still = False
        self._entries: list[Entry | _Fork] = [*entries]
        self._next = 0

    @property
    def behind(self) -> bool:
        return self._next < len(self._entries)

    @property
    def rests(self) -> bool:
        """Whether nothing in it moves but by a decision, a timer or a cancel."""
        last = self._entries[-1] if self._entries else None
        return self.still or (isinstance(last, _Fork) and all(one.rests for one in last.branches))

    def told(self, kind: type[E]) -> E | None:
        """The next entry, where the strand is behind and it is of this kind."""
        entry = self._entries[self._next] if self.behind else None
        if not isinstance(entry, kind):
            return None
        self._next += 1
        return entry

    def told_of(self, path: str, kind: type[P]) -> P | None:
        """The same, if it is of this node, and not of one inside."""
        entry = self._entries[self._next] if self.behind else None
        if not isinstance(entry, kind) or entry.path != path:
            return None
        self._next += 1
        return entry

    def must_be_live(self) -> None:
        """
        Raises:
            JournalMismatch: The next entry is of no kind that was asked for.
        """
        if self.behind:
            told = str(self._entries[self._next])[:200]
            raise JournalMismatch(f"The walk was told {told} (entry {self._next}), and did not ask for it.")

    def add(self, entry: Entry) -> None:
        self.must_be_live()
        self._entries.append(entry)
        self._next += 1

    @property
    def mark(self) -> int:
        """Where it stands."""
        return self._next

    def close(self, mark: int, entry: Entry) -> None:
        """One entry in place of all since a mark."""
        self.must_be_live()
        self._entries[mark:] = [entry]
        self._next = len(self._entries)

    def take_back(self) -> None:
        """Without its last entry."""
        self._entries.pop()
        self._next = len(self._entries)

    def parked(self) -> bool:
        """Whether it stood here. From here on it is live."""
        if self.told(Parked) is None:
            return False
        self.take_back()
        return True

    def counted(self, count: Callable[[], Counted]) -> tuple[Counted, bool]:
        """How often and when; and whether that was told."""
        if (entry := self.told(Counted)) is not None:
            return entry, True
        self.add(entry := count())
        return entry, False

    async def called(self, kind: type[E], work: Callable[[], Awaitable[E]]) -> E:
        """What a call answers.

        Raises:
            StepFailed: That is its answer.
        """
        if (entry := self.told(kind)) is not None:
            return entry
        if (raised := self.told(Raised)) is not None:
            raise StepFailed(raised.message, raised.error_type)
        try:
            entry = await work()
        except StepFailed as error:
            self.add(Raised(error.message, error.error_type))
            raise
        self.add(entry)
        return entry

    def fork(self, width: int) -> tuple[Strand, ...]:
        """The strands of a Parallel's branches."""
        forked = self.told(Forked)
        branches = forked.branches if forked else (Branch(),) * width
        strands = tuple(Strand(self.state.fork(), branch.entries) for branch in branches)
        for strand, branch in zip(strands, branches, strict=True):
            strand.state.apply(branch.change)
        self.must_be_live()
        if forked:
            self.take_back()
        self._entries.append(_Fork(strands, self.state))
        self._next = len(self._entries)
        return strands

    def entries(self) -> tuple[Entry, ...]:
        """All of it, as data."""
        return tuple(_data(entry) if isinstance(entry, _Fork) else entry for entry in self._entries)


def _data(fork: _Fork) -> Forked:
    return Forked(tuple(Branch(one.entries(), one.state.since(fork.base)) for one in fork.branches))


_CURRENT: ContextVar[Strand] = ContextVar("agno_temporal.strand")


def current() -> Strand:
    """The strand of the coroutine that runs."""
    return _CURRENT.get()


def follow(strand: Strand) -> None:
    """From here on this coroutine, and whatever it starts, is of this strand."""
    _CURRENT.set(strand)


def behind() -> bool:
    """Whether what happens now has happened before."""
    strand = _CURRENT.get(None)
    return strand is not None and strand.behind
