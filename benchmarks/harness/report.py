"""The rows as a table for people, and as JSON with every sample, for whoever compares two machines or two days."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.harness.interval import Estimate
from benchmarks.harness.kept import keep
from benchmarks.harness.rows import Compared, Counted, Measured, Row, shown_figure, spread

WIDTH = 150


def print_table(name: str, rows: Sequence[Row]) -> None:
    """What one benchmark has found."""
    table = Table(title=name, title_justify="left", expand=False)
    for heading in ("what", "unit", "baseline", "ours", "compared", "noise", "target", "met"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*_cells(row))
    Console(width=WIDTH).print(table)


def add_to_json(
    path: Path, name: str, title: str, machine: Mapping[str, Any], rows: Sequence[Row], *, small: bool = False
) -> None:
    """All of one benchmark, to the last sample. What the file has of others stays: each tells its own machine."""
    data = [_data(row) for row in rows]
    keep(path, name, {"title": title, "machine": machine, "small": small, "rows": data})


def _data(row: Row) -> dict[str, Any]:
    own = dataclasses.asdict(row) | {"target": None if row.target is None else str(row.target), "met": row.met}
    match row:
        case Compared():
            shown = {"sides": [shown_figure(row, one) for one in (row.baseline, row.ours)], "pairs": len(row.ours)}
        case Measured():
            shown = {"median": row.median}
        case Counted():
            shown = {}
    return {"kind": type(row).__name__.lower(), **own, **shown}


def _cells(row: Row) -> tuple[str, ...]:
    ends = (str(row.target or ""), {None: "", True: "yes", False: "NO"}[row.met])
    match row:
        case Compared():
            sides = (f"{shown_figure(row, one):.4g} ±{spread(one):.0%}" for one in (row.baseline, row.ours))
            what = f"{row.what}, against {row.against}"
            return (what, row.unit, *sides, _estimate(row.compared), _estimate(row.noise), *ends)
        case Counted():
            by_hand = "" if row.by_hand is None else str(row.by_hand)
            return (row.what, row.unit, by_hand, str(row.ours), "", "", *ends)
        case Measured():
            return (row.what, row.unit, "", f"{row.median:.4g}", "", "", *ends)


def _estimate(figure: Estimate) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
