"""Rounds in turn, so that what the machine does meanwhile happens to both sides.

Two series, one behind the other, measure the machine's mood as much as the code: on a shared one the same round differs
by a fifth from minute to minute. So all contenders run once in each pair, right after each other, and what is compared
is the two rounds of one pair. Whoever follows finds caches warm and leftovers of the one before; so who begins changes
from pair to pair, and every second pair goes backwards.

Beside each round's figure stands the CPU time that this process took for it, with the worker and the driver in it, or
that of the worker's own process. A busy machine makes a round longer, and this far less.

The baseline runs twice in each pair. How far it is from itself is the noise: a difference within it means nothing.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

Round: TypeAlias = Callable[[], Awaitable[Sequence[float]]]
"""One round of a contender: its figure, or several of the same thing, such as each pause's latency."""

Series: TypeAlias = tuple[tuple[float, ...], ...]
"""What a contender gave, one entry for each pair."""

AGAIN = " again"
"""Behind a contender's name: the same contender a second time."""

CPU = ", CPU"
"""Behind a contender's name: the CPU seconds of each round, instead of its figure."""


async def interleaved(
    pairs: int,
    contenders: Mapping[str, Round],
    baselines: Sequence[str],
    cpu: Mapping[str, Callable[[], float]] | None = None,
) -> dict[str, Series]:
    """Run all contenders once in each pair. The first round of each is thrown away: it is the warming up.

    Args:
        baselines: Those that run twice in each pair. Their second series bears their name and `AGAIN`.
        cpu: What tells the CPU seconds that a contender has taken; by default it is this process.
    """
    rounds = dict(contenders) | {name + AGAIN: contenders[name] for name in baselines}
    used = {name: (cpu or {}).get(name.removesuffix(AGAIN), time.process_time) for name in rounds}
    for round in contenders.values():
        await round()
    names = list(rounds)
    series: dict[str, list[tuple[float, ...]]] = {name + what: [] for name in names for what in ("", CPU)}
    for number in range(pairs):
        turn = number % len(names)
        order = names[turn:] + names[:turn]
        for name in order[::-1] if number % 2 else order:
            gc.collect()
            began = used[name]()
            series[name].append(tuple(await rounds[name]()))
            series[name + CPU].append((used[name]() - began,))
    return {name: tuple(given) for name, given in series.items()}
