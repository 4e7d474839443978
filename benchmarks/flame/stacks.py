"""Stacks as py-spy writes them, and what can be said of them: whose code runs, and on which thread.

A line is a stack, its frames from the outermost one on, and how often it was seen:

    thread (12);Thread._bootstrap (threading.py:989);Threads.run (agno_temporal/activities/threads.py:60) 17

Only the thread that has Python's lock is sampled: the others wait for it, which takes none of the CPU. Importing is
left out: a worker does it once, however many runs it has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

Stack = tuple[str, ...]

OWNERS = ("agno_temporal", "agno", "temporalio")

OTHERS = "Python and others"

LOOP, WORKFLOWS, STEPS = THREADS = ("event loop", "workflow tasks", "steps")

_LINE = re.compile(r"(?P<frames>.*) (?P<count>\d+)")

_IMPORTING = "_find_and_load"
_RUNS_LOOP = "run_forever"
_RUNS_WORKFLOW = "activate"
_RUNS_STEP = "_worker"


def parsed(lines: Iterable[str]) -> Counter[Stack]:
    """The stacks of a worker that works, under the name of its thread, without what is the same in all of them."""
    found: Counter[Stack] = Counter()
    for line in lines:
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"this is no stack of py-spy: {line!r}")
        frames = match["frames"].split(";")
        if any(_function(frame) == _IMPORTING for frame in frames):
            continue
        if kept := _from_its_root(frames):
            found[kept] += int(match["count"])
    return found


def _from_its_root(frames: list[str]) -> Stack:
    """From the frame on that says which thread it is: what is below only starts the thread."""
    for place, frame in enumerate(frames):
        if _function(frame) == _RUNS_LOOP:
            return (LOOP, *frames[place + 1 :])
        if _function(frame) == _RUNS_WORKFLOW:
            return (WORKFLOWS, *frames[place:])
        if _function(frame) == _RUNS_STEP:
            above = frames[place + 1 :]
            return _from_its_root(above) or (STEPS, *above)
    return ()


def _function(frame: str) -> str:
    """Without its class and its file."""
    return frame.partition(" (")[0].rpartition(".")[2]


def owner(stack: Stack) -> str:
    """Whose code it is: that of the innermost frame which is one of ours, of agno's or of the SDK's.

    So what Python's json takes to encode a payload is the SDK's, which has asked for it.
    """
    for frame in reversed(stack):
        for one in OWNERS:
            if f"({one}/" in frame:
                return one
    return OTHERS


def shares(stacks: Counter[Stack]) -> dict[str, dict[str, float]]:
    """By thread and owner, the share of all samples."""
    whole = stacks.total()
    counts = Counter[tuple[str, str]]()
    for stack, count in stacks.items():
        counts[stack[0], owner(stack)] += count
    owners = (*OWNERS, OTHERS)
    return {thread: {one: counts[thread, one] / whole for one in owners} for thread in THREADS}
