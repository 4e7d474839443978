"""What can be said of a ratio: not one number, but between which two it is.

The interval is bootstrapped: of the pairs, as many are drawn with repetition as there are, and the ratio is computed
anew, two thousand times; the middle 95 % of these are the interval. Pairs are drawn whole, so that what happened to
both of their rounds stays in both. The draw has a fixed seed: the same samples give the same interval.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.harness.pairs import Series

DRAWS = 2_000
WITHIN = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and between which two it is."""

    value: float
    low: float
    high: float


Comparison = Callable[[Series, Series], float]
"""Ours and the baseline's series, pair by pair, to one figure."""


def ratio(ours: Series, baseline: Series) -> float:
    """The median of the pairs' ratios."""
    return median(median(one) / median(other) for one, other in zip(ours, baseline, strict=True))


def difference(ours: Series, baseline: Series) -> float:
    """The median of the pairs' differences."""
    return median(median(one) - median(other) for one, other in zip(ours, baseline, strict=True))


def tail_ratio(ours: Series, baseline: Series) -> float:
    """Of the 99th percentiles of all figures: one pair has too few for a tail of its own."""
    return percentile(pooled(ours), 99) / percentile(pooled(baseline), 99)


def pooled(series: Series) -> list[float]:
    return [figure for figures in series for figure in figures]


def percentile(figures: Sequence[float], percent: float) -> float:
    """The nearest rank.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 50), percentile([4.0, 1.0, 3.0, 2.0], 99)
    (2.0, 4.0)
    """
    ordered = sorted(figures)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def estimate(compare: Comparison, ours: Series, baseline: Series) -> Estimate:
    """The comparison, with its interval."""
    drawn = random.Random(0)
    pairs = range(len(ours))

    def once() -> float:
        chosen = drawn.choices(pairs, k=len(ours))
        return compare(tuple(ours[one] for one in chosen), tuple(baseline[one] for one in chosen))

    values = [once() for _ in range(DRAWS)]
    rest = 100 * (1 - WITHIN) / 2
    return Estimate(compare(ours, baseline), percentile(values, rest), percentile(values, 100 - rest))
