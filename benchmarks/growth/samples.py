"""What was measured, point by point, and where it is kept until it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness.kept import keep, kept


@dataclass(frozen=True, slots=True)
class Sample:
    """One round.

    Attributes:
        figures: By what they are and their unit, such as "worker CPU, ms per step".
    """

    side: str
    size: int
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """How something grows with `x`.

    Attributes:
        small: It was measured at small sizes, which show that it runs and nothing else.
    """

    title: str
    x: str
    samples: Sequence[Sample]
    machine: Mapping[str, Any] = field(default_factory=dict)
    small: bool = False

    def sizes(self, side: str) -> list[int]:
        return sorted({one.size for one in self.samples if one.side == side})

    def sides(self) -> list[str]:
        return list(dict.fromkeys(one.side for one in self.samples))

    def figures(self) -> list[str]:
        return list(dict.fromkeys(name for one in self.samples for name in one.figures))

    def all(self, figure: str, side: str, size: int) -> list[float]:
        """The figure of every round."""
        found = (one.figures.get(figure) for one in self.samples if (one.side, one.size) == (side, size))
        return [one for one in found if one is not None]

    def at(self, figure: str, side: str, size: int) -> float:
        """The median of the rounds."""
        return median(self.all(figure, side, size))


def read(path: Path) -> dict[str, Curve]:
    """What `add_to_json` has written, by name."""
    return {
        name: Curve(**{**one, "samples": [Sample(**sample) for sample in one["samples"]]})
        for name, one in kept(path).items()
    }


def add_to_json(path: Path, name: str, curve: Curve) -> None:
    """What the file has of others stays."""
    keep(path, name, asdict(curve))
