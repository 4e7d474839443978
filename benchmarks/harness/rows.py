"""The lines of the table: what was compared, what was counted, what was measured by itself.

A comparison's target counts as met when its interval reaches it: on a machine with noise, "0.98 (0.93 to 1.02)" does
not say that 1.0 is missed. A count has no interval, and either holds or does not: it is the gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

from benchmarks.harness.interval import Comparison, Estimate, estimate, percentile, pooled, ratio, tail_ratio
from benchmarks.harness.pairs import AGAIN, CPU, Series


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is to reach."""

    bound: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:g}"

    def met_by(self, figure: Estimate) -> bool:
        return figure.high >= self.bound if self.at_least else figure.low <= self.bound


def at_least(bound: float) -> Target:
    return Target(bound, at_least=True)


def at_most(bound: float) -> Target:
    return Target(bound)


@dataclass(frozen=True, slots=True)
class Compared:
    """Ours beside a baseline.

    Attributes:
        compared: The ratio or the difference of the two, as `comparison` says.
        noise: The same of the baseline's second round and its first.
    """

    what: str
    unit: str
    against: str
    comparison: str
    baseline: Series
    ours: Series
    compared: Estimate
    noise: Estimate
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.met_by(self.compared)


@dataclass(frozen=True, slots=True)
class Counted:
    """An exact count. `by_hand` is what the hand-written workflow has."""

    what: str
    unit: str
    ours: int
    by_hand: int | None = None
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.met_by(Estimate(self.ours, self.ours, self.ours))


@dataclass(frozen=True, slots=True)
class Measured:
    """Ours alone, where nothing is like it, or where the target is a figure and not a ratio."""

    what: str
    unit: str
    samples: tuple[float, ...]
    target: Target | None = None

    @property
    def median(self) -> float:
        return median(self.samples)

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.met_by(Estimate(self.median, self.median, self.median))


Row: TypeAlias = Compared | Counted | Measured


def compare(
    what: str,
    unit: str,
    measured: Mapping[str, Series],
    ours: str,
    against: str,
    target: Target | None = None,
    by: Comparison = ratio,
) -> Compared:
    """The row of two contenders of one measurement."""
    baseline = measured[against]
    return Compared(
        what,
        unit,
        against,
        by.__name__,
        baseline,
        measured[ours],
        estimate(by, measured[ours], baseline),
        estimate(by, measured[against + AGAIN], baseline),
        target,
    )


def compare_cpu(
    what: str, measured: Mapping[str, Series], ours: str, against: str, target: Target | None = None
) -> Compared:
    """The row of what two contenders took of the CPU in a round."""
    cpu = {name: measured[key] for name in (ours, against, against + AGAIN) if (key := name + CPU) in measured}
    return compare(f"{what}, CPU time", "s/round", cpu, ours, against, target)


def shown_figure(row: Compared, series: Series) -> float:
    """The one figure that stands for a series: what the comparison looks at."""
    if row.comparison == tail_ratio.__name__:
        return percentile(pooled(series), 99)
    return median(median(figures) for figures in series)


def spread(series: Series) -> float:
    """Half the distance of the quartiles, as a share of the median."""
    figures = [median(one) for one in series]
    return (percentile(figures, 75) - percentile(figures, 25)) / 2 / median(figures)
