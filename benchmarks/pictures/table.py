"""The samples of ``make bench`` as the table of docs/performance.md.

What is counted is left out: it stands on the page already, and a test keeps it. A row says its pairs, since those of
one benchmark may be fewer than of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.catalogue import WHERE

HEAD = (
    "| what | by hand | ours | ours by the other (95 % interval) | noise | pairs | target | met |\n"
    "|---|---|---|---|---|---|---|---|"
)

DRAFT = "**These come from small sizes on a busy machine. They show the form of the table and nothing else.**"


def bench_table(found: Mapping[str, Any]) -> str:
    """Of what the JSON has, in the catalogue's order, whichever was measured first."""
    chosen = {name: found[name] for name in WHERE if name in found}
    timed = {name: one for name, one in chosen.items() if any(row["kind"] != "counted" for row in one["rows"])}
    draft = [DRAFT] if any(one["small"] for one in timed.values()) else []
    lines = [HEAD, *(line for one in timed.values() for line in _lines(one))]
    return "\n\n".join([*draft, *machine_lines(one["machine"] for one in timed.values()), "\n".join(lines)])


def machine_lines(machines: Iterable[Mapping[str, Any]]) -> list[str]:
    """One for each machine and day that was measured on, with how fast it was: a shared one is not always the same."""
    speeds: dict[str, list[float]] = {}
    for machine in machines:
        speeds.setdefault(_machine(machine), []).append(machine["million_additions_ms"])
    return [f"{line} {_speed(taken)}" for line, taken in speeds.items()]


def _machine(machine: Mapping[str, Any]) -> str:
    versions = ", ".join(
        f"{name} {version}" for name, version in machine["versions"].items() if name != "agno-temporal"
    )
    return (
        f"Measured on {machine['at'][:10]}: {machine['processor']}, {machine['cores']} cores for server, worker and "
        f"driver together, {machine['memory_gb']} GB; Python {machine['python']}, {versions}."
    )


def _speed(taken: Sequence[float]) -> str:
    """
    >>> _speed([61.2, 58.8])
    'A loop of a million additions took 59 to 61 ms there.'
    """
    low, high = (f"{one:.0f}" for one in (min(taken), max(taken)))
    return f"A loop of a million additions took {low if low == high else f'{low} to {high}'} ms there."


def _lines(benchmark: Mapping[str, Any]) -> Iterator[str]:
    yield f"| **{benchmark['title']}** | | | | | | | |"
    for row in benchmark["rows"]:
        if row["kind"] == "compared":
            yield _compared(row)
        elif row["kind"] == "measured":
            yield _cells(row["what"], "", _figure(row["median"], row["unit"]), "", "", "", *_met(row))


def _compared(row: Mapping[str, Any]) -> str:
    sides = [_figure(one, row["unit"]) for one in row["sides"]]
    unit = f" {row['unit']}" if row["comparison"] == "difference" else ""
    compared, noise = (f"{_interval(row[one])}{unit}" for one in ("compared", "noise"))
    return _cells(f"{row['what']}, against {row['against']}", *sides, compared, noise, str(row["pairs"]), *_met(row))


def _figure(value: float, unit: str) -> str:
    """
    >>> _figure(0.01234, "s"), _figure(34.56, "runs/s"), _figure(1234.5, "ms")
    ('0.0123 s', '34.6 runs/s', '1,234 ms')
    """
    return f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:.3g} {unit}"


def _interval(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.2f} ({figure['low']:.2f} to {figure['high']:.2f})"


def _met(row: Mapping[str, Any]) -> tuple[str, str]:
    words = {None: "", True: "yes", False: "**no**"}
    return (row["target"] or "").replace(">=", "≥").replace("<=", "≤"), words[row["met"]]


def _cells(*cells: str) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)
