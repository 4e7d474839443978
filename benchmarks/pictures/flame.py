"""A flame graph as an SVG that needs no script: each box a function, as wide as its share of the samples.

What stands upon a box was called by it. A box that is narrower than `NARROWEST` is left out, so that the picture stays
small; its time is still in the boxes below it. A browser shows a box's name and share when the mouse is over it, where
the picture is opened by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from benchmarks.flame.stacks import OTHERS, Stack, owner

WIDTH, HEIGHT, MARGIN = 1_200, 15, 10

NARROWEST = 0.002
"""Of the whole."""

LETTER = 5.6
"""How wide one is."""

COLOURS = {"agno_temporal": "#8fb8e0", "agno": "#9fd3a2", "temporalio": "#f0b27a", OTHERS: "#d5d5d5"}

_FRAME = re.compile(r"(?P<function>.*) \((?P<file>[^()]*)\)")


@dataclass(slots=True)
class Box:
    """A function, called by what is below it. Without the samples of what was left out above it."""

    count: int = 0
    above: dict[str, Box] = field(default_factory=dict)


def draw(stacks: Counter[Stack], path: Path) -> None:
    """Write it."""
    root = _boxes(stacks)
    shapes = list(_shapes(root, "", (), 0, 0.0, root.count))
    depth = 1 + max(level for level, _ in shapes)
    height = depth * HEIGHT + 4 * MARGIN
    # Level 0 is at the bottom.
    body = "\n".join(shape.replace("@Y", f"{height - MARGIN - (level + 1) * HEIGHT}") for level, shape in shapes)
    path.write_text(f"{_head(height)}\n{_legend()}\n{body}\n</svg>\n")


def _boxes(stacks: Counter[Stack]) -> Box:
    root = Box()
    for stack, count in sorted(stacks.items()):
        box = root
        box.count += count
        for frame in stack:
            box = box.above.setdefault(frame, Box())
            box.count += count
    return root


def _shapes(box: Box, name: str, below: Stack, level: int, left: float, whole: int) -> Iterator[tuple[int, str]]:
    """Each with its level. `left` is a share."""
    stack = (*below, name) if name else below
    share = box.count / whole
    yield level, _shape(name or "all samples", owner(stack[-1:]), left, share)
    for frame, inner in box.above.items():
        if inner.count / whole >= NARROWEST:
            yield from _shapes(inner, frame, stack, level + 1, left, whole)
        left += inner.count / whole


def _shape(name: str, whose: str, left: float, share: float) -> str:
    x, width = MARGIN + left * (WIDTH - 2 * MARGIN), share * (WIDTH - 2 * MARGIN)
    rectangle = f'<rect x="{x:.1f}" y="@Y" width="{width:.1f}" height="{HEIGHT - 1}" fill="{COLOURS[whose]}"/>'
    match = _FRAME.fullmatch(name)
    text = match["function"] if match else name
    shown = text[: int(width / LETTER)]
    label = f'<text x="{x + 2:.1f}" y="@Y" dy="11">{escape(shown)}</text>' if len(shown) > 2 else ""
    return f"<g><title>{escape(name)}: {share:.1%}</title>{rectangle}{label}</g>"


def _head(height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' font-family="monospace" font-size="9.5">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    )


def _legend() -> str:
    places = enumerate(COLOURS.items())
    return "\n".join(
        f'<rect x="{MARGIN + 160 * place}" y="{MARGIN}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{MARGIN + 160 * place + 16}" y="{MARGIN + 10}">{name}</text>'
        for place, (name, colour) in places
    )
