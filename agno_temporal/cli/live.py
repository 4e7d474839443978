"""The tree of a run, drawn anew in place as it changes, at a terminal.

A run is looked at when it has told an event, and every two seconds for what tells none: a deadline that comes nearer, a
step that is blocked. What does not fit the terminal's height is cut around the step that is at work.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text
from temporalio.service import RPCError

from agno_temporal.cli.backend import Backend, Document
from agno_temporal.cli.console import can_redraw, console, draw
from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.cli.picture import SIGNS_AT_WORK, blocked_elsewhere, head, tree
from agno_temporal.follow.errors import NoWorker

AT_LEAST = 2.0
"""Seconds after which a run is looked at, whether it told an event or not."""

AT_MOST = 0.2
"""Seconds between two looks."""


@asynccontextmanager
async def drawn_live(backend: Backend, run_id: str) -> AsyncIterator[None]:
    """Draw the run for the length of a block. The picture is gone afterwards, for the last one to take its place."""
    with Live(console=console(), auto_refresh=False, transient=True) as live:
        drawing = asyncio.create_task(_draw(live, backend, run_id))
        try:
            yield
        finally:
            drawing.cancel()
            with suppress(asyncio.CancelledError):
                await drawing


async def _draw(live: Live, backend: Backend, run_id: str) -> None:
    told = asyncio.Event()
    listening = asyncio.create_task(_listen(backend, run_id, told))
    shown: RenderableType = Text("")
    try:
        while True:
            told.clear()
            try:
                shown = picture(await backend.run(run_id), live.console)
                live.update(shown, refresh=True)
            except (NoWorker, Failed, RPCError) as error:
                if isinstance(error, Failed) and error.code is not ExitCode.NO_ANSWER:
                    raise
                live.update(Group(shown, Text("No worker answers for it; the run is kept.", "yellow")), refresh=True)
            await asyncio.sleep(AT_MOST)
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), AT_LEAST)
    finally:
        listening.cancel()


async def _listen(backend: Backend, run_id: str, told: asyncio.Event) -> None:
    """Note that the run told something. Where its events cannot be had, it is looked at all the same."""
    with suppress(NoWorker, Failed, RPCError):
        async with aclosing(backend.events(run_id, -1, follow=True)) as events:
            async for _ in events:
                told.set()


async def redrawn(look: Callable[[], Awaitable[RenderableType]], every: float) -> None:
    """Draw something anew, until it is interrupted. Where nothing can be drawn on again, pictures follow each other."""
    if not can_redraw():
        while True:
            draw(await look())
            await asyncio.sleep(every)
    where = console()
    with Live(console=where, auto_refresh=False, screen=False) as live:
        while True:
            live.update(fitting(await look(), where), refresh=True)
            await asyncio.sleep(every)


def picture(run: Document, where: Console) -> RenderableType:
    """The head, the tree and what else blocks the run, within the terminal."""
    below = Group(*blocked_elsewhere(run))
    return Group(head(run), Text(), fitting(tree(run), where, len(where.render_lines(below))), below)


def fitting(drawn: RenderableType, where: Console, taken: int = 0) -> RenderableType:
    """As much of it as the terminal has lines for: where steps are at work, or from its beginning.

    Args:
        taken: Lines that something else needs.
    """
    lines = where.render_lines(drawn, pad=False)
    height = max(where.height - 4 - taken, 3)
    if len(lines) <= height:
        return drawn
    texts = ["".join(segment.text for segment in line) for line in lines]
    active = next((index for index, text in enumerate(texts) if SIGNS_AT_WORK & set(text)), 0)
    first = min(max(active - height // 2, 0), len(lines) - height)
    shown = [Text.assemble(*((one.text, one.style or "") for one in line)) for line in lines[first : first + height]]
    return Group(*shown, Text(f"({len(lines) - height} more lines)", "dim"))
