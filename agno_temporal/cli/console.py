"""Printing. Whatever comes from a run is put in as text and never as markup: a step's "[red]" stays what it is."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from agno_temporal.cli.stdout import ours
from agno_temporal.views.text import escaped, printable

_STATUS = {
    "COMPLETED": "green",
    "ERROR": "red",
    "CANCELLED": "red",
    "PAUSED": "yellow",
    "RUNNING": "cyan",
    "PENDING": "cyan",
}


UNFOLDED = 10_000
"""Columns where there is no terminal: a line that was folded there would be read as two."""


def console() -> Console:
    """Of our stdout as it is now. Where it is no terminal, there are no colours, and only COLUMNS has lines folded."""
    width = None if ours().isatty() or "COLUMNS" in os.environ else UNFOLDED
    return Console(file=ours(), markup=False, emoji=False, highlight=False, width=width)


def can_redraw() -> bool:
    """Whether somebody sees what is written, on something that can be drawn on again. FORCE_COLOR makes no terminal."""
    return ours().isatty() and not console().is_dumb_terminal


def can_ask() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and ours().isatty()


def draw(*lines: RenderableType) -> None:
    """Print, without the spaces that fill lines up to the terminal's width: they break lines once it is resized."""
    for line in lines:
        print("\n".join(one.rstrip() for one in _drawn(line).splitlines()), file=ours(), flush=True)


def draw_unbroken(*lines: Text) -> None:
    """Lines to be copied or piped: the terminal may break them, we do not."""
    for line in lines:
        print(_drawn(line, soft_wrap=True), end="", file=ours(), flush=True)


def _drawn(line: RenderableType, soft_wrap: bool = False) -> str:
    """What rich would print. It is printed by us: where nobody reads any more, rich raises SystemExit (rich 15,
    ``Console.on_broken_pipe``), and on the thread of a loop that ends the loop, and the command never."""
    where = console()
    with where.capture() as drawn:
        where.print(line, soft_wrap=soft_wrap)
    return drawn.get()


def say(line: str) -> None:
    """A line of our own words, in which a run's may stand."""
    print(printable(line), file=ours())


def print_json(document: Any) -> None:
    unicode = (ours().encoding or "").lower().startswith("utf")
    print(escaped(json.dumps(document, indent=2, ensure_ascii=not unicode)), file=ours())


def status_text(status: str) -> Text:
    return text(status, _STATUS.get(status, ""))


def plain_table(*titles: str) -> Table:
    """A table without lines, which fits 80 columns and can be cut by other tools. Long cells are folded, never cut."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=any(titles))
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def text(content: str, style: str = "") -> Text:
    """Text that comes from a run."""
    return Text(printable(content), style)
