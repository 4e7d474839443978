"""A curve as an SVG: a panel for each figure, a line for each side, a bar for what its rounds lie between.

The same samples give the same bytes: ids are salted with a constant, and no date and no version is written. Text stays
text, so that a picture is small.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import matplotlib
from matplotlib import pyplot

from benchmarks.growth.samples import Curve

COLOURS = {"ours": "#1f5fa8", "by hand": "#c4562f", "by hand, unsandboxed": "#8a8a8a"}

LOOK = {
    "svg.hashsalt": "agno-temporal",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e4e4e4",
}

ACROSS = 3
"""Panels, but for four, which are two and two."""

BLANK = {"Date": None, "Creator": None}


def draw(curve: Curve, path: Path) -> None:
    """Write it. One of small sizes says so."""
    matplotlib.use("svg")
    figures = curve.figures()
    across = 2 if len(figures) == 4 else min(len(figures), ACROSS)
    down = -(-len(figures) // across)
    with matplotlib.rc_context(LOOK):
        picture, panels = pyplot.subplots(down, across, figsize=(3.3 * across, 2.6 * down + 0.5), squeeze=False)
        every = [panel for row in panels for panel in row]
        for figure, panel in zip(figures, every, strict=False):
            _panel(curve, figure, panel)
        for panel in every[len(figures) :]:
            panel.set_axis_off()
        lines, names = every[0].get_legend_handles_labels()
        picture.suptitle(
            f"{curve.title} (a draft: small sizes)" if curve.small else curve.title, x=0.01, ha="left", fontsize=11
        )
        if len(names) > 1:
            picture.legend(lines, names, loc="upper right", ncols=len(names), frameon=False)
        picture.tight_layout(rect=(0, 0, 1, 0.97))
        written = io.StringIO()
        picture.savefig(written, metadata=BLANK, facecolor="white")
        pyplot.close(picture)
    path.write_text(_slim(written.getvalue()))


def _panel(curve: Curve, figure: str, panel: pyplot.Axes) -> None:
    for side in curve.sides():
        sizes = [size for size in curve.sizes(side) if curve.all(figure, side, size)]
        medians = [curve.at(figure, side, size) for size in sizes]
        colour = COLOURS[side]
        panel.plot(sizes, medians, color=colour, marker="o", markersize=4, linewidth=1.4, label=side)
        rounds = [curve.all(figure, side, size) for size in sizes]
        panel.vlines(sizes, list(map(min, rounds)), list(map(max, rounds)), color=colour, linewidth=3, alpha=0.3)
    panel.set_title(figure, loc="left", fontsize=9)
    panel.set_xlabel(curve.x)
    panel.set_xscale("log")
    sizes = sorted({one.size for one in curve.samples})
    panel.set_xticks(sizes, [_short(size) for size in sizes], minor=False)
    panel.minorticks_off()
    panel.set_ylim(bottom=0)


def _slim(svg: str) -> str:
    """Without comments and indentation, and to a tenth of a pixel: half the size."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"(\d+\.\d)\d+", r"\1", svg)
    return re.sub(r"\n\s*", "\n", svg)


def _short(size: int) -> str:
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if size >= unit:
            return f"{size / unit:g}{name}"
    return str(size)
