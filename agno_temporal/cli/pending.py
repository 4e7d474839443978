"""`pending`: what waits for a person, in all runs, and again and again with ``--watch``.

It is asked of every open run, which takes a worker. With an app at hand it is one query on the database that the app's
workflows share, and needs neither worker nor Temporal; a remote API answers from that database as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.cli.options import AsJson, connected_unless

if TYPE_CHECKING:
    from agno_temporal.cli.backend import Document, Lists

LIMIT = 1000

REDRAW_EVERY = 2.0
"""Seconds between two looks with ``--watch``."""


@connected_unless("app")
async def pending(
    backend: Lists,
    workflow: Annotated[str | None, typer.Option(help="Only runs of this workflow, by its id.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only this kind: confirmation, user_input, output_review, ...")
    ] = None,
    step: Annotated[str | None, typer.Option(help="Only steps of this name.")] = None,
    user_id: Annotated[str | None, typer.Option(help="Only runs of this user.")] = None,
    session_id: Annotated[str | None, typer.Option(help="Only runs of this session.")] = None,
    app: Annotated[
        list[str] | None,
        typer.Option(metavar="APP", help="Read the database of this app (app.py, module:object), and ask no run."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Look at so many open runs at most, the newest.")] = LIMIT,
    watching: Annotated[bool, typer.Option("--watch", help="Draw it anew every two seconds, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> ExitCode | None:
    """List what waits for a person, in all runs: the nearest deadline first."""
    from agno_temporal.cli.backend import Wanted
    from agno_temporal.cli.console import print_json
    from agno_temporal.cli.lists import draw_pending
    from agno_temporal.hitl import Kind

    if kind is not None and kind not in {one.value for one in Kind}:
        raise Failed(f"--kind {kind!r} is none of {', '.join(one.value for one in Kind)}.", ExitCode.USAGE)
    if app:
        from agno_temporal.cli.apps import OfApps

        backend = await asyncio.to_thread(OfApps, app)
    wanted = Wanted(limit, workflow, kind, step, user_id, session_id)
    if watching:
        if as_json:
            raise Failed("--watch draws; it does not go with --json.", ExitCode.USAGE)
        from rich.console import Group, RenderableType

        from agno_temporal.cli.console import text
        from agno_temporal.cli.lists import pending_picture
        from agno_temporal.cli.live import redrawn

        async def drawn() -> RenderableType:
            document, more = await backend.pending(wanted)
            missing = (text(one, "yellow") for one in _missing(document, more, limit))
            return Group(*missing, pending_picture(document))  # In this order: a long list is cut off at its end.

        await redrawn(drawn, REDRAW_EVERY)
        return None
    document, more = await backend.pending(wanted)
    if as_json:
        print_json(document)
    else:
        draw_pending(document)
    for one in _missing(document, more, limit):
        tell(one)
    return ExitCode.NO_ANSWER if document["no_answer"] else None


def _missing(document: Document, more: bool, limit: int) -> Iterator[str]:
    """What to say of questions that may be open, and are not in the list."""
    if more:
        yield f"There is more than these {limit}: --limit."
    if silent := len(document["no_answer"]):
        runs = "1 open run" if silent == 1 else f"{silent} open runs"
        yield f"No worker answered for {runs}; what is waited for there is missing here."
    for why in document["unreadable"]:
        yield f"Unreadable: {why}"
