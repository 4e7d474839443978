"""Waiting for a run, and showing what becomes of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agno_temporal.cli.backend import Backend, Document
from agno_temporal.cli.console import can_redraw, print_json
from agno_temporal.cli.copied import copied
from agno_temporal.cli.exits import ExitCode, tell, verdict
from agno_temporal.cli.live import drawn_live
from agno_temporal.cli.picture import draw_run

LOOK_EVERY = 2.0
"""Seconds between two looks at what may block the run."""


async def finished(backend: Backend, run_id: str, as_json: bool) -> ExitCode:
    """Wait until the run has ended or waits for a person, show it, and say how it ended."""
    run = await settled(backend, run_id, live=not as_json)
    present(run, as_json)
    return how_it_ended(run)


async def settled(backend: Backend, run_id: str, live: bool) -> Document:
    """The run, once it has ended or waits for a person. What blocks it meanwhile is told, and that it goes on where
    nobody waits for it any more.

    Args:
        live: Draw its tree as it changes, where somebody sees it.
    """
    logging.getLogger("agno_temporal").addHandler(logging.NullHandler())  # `settle` logs what is told here
    try:
        async with drawn_live(backend, run_id) if live and can_redraw() else _telling(backend, run_id):
            return await backend.settled(run_id)
    except (Exception, asyncio.CancelledError) as error:
        if verdict(error)[0] not in (ExitCode.USAGE, ExitCode.NOT_FOUND):
            shows, ends = copied("show", run_id), copied("cancel", run_id)
            tell(f"Run {run_id} goes on. `{shows}` shows it, `{ends}` ends it.")
        raise


def how_it_ended(run: Document) -> ExitCode:
    return ExitCode.RUN_FAILED if run["status"] in ("ERROR", "CANCELLED") else ExitCode.OK


def present(run: Document, as_json: bool) -> None:
    if as_json:
        print_json(run)
        return
    draw_run(run)
    if run.get("source") == "database":
        tell(f"No worker answers for it: this is what the database knew at {run['as_of']}.")


@asynccontextmanager
async def _telling(backend: Backend, run_id: str) -> AsyncIterator[None]:
    teller = asyncio.create_task(_tell_what_blocks(backend, run_id))
    try:
        yield
    finally:
        teller.cancel()


async def _tell_what_blocks(backend: Backend, run_id: str) -> None:
    told: set[str] = set()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            found = await backend.blocked(run_id)
        except Exception as error:
            if verdict(error)[0] is not ExitCode.NO_ANSWER:
                raise
            continue  # Whoever waits is told of that by the wait itself.
        for blocked in found:
            if blocked["reason"] not in told:
                told.add(blocked["reason"])
                tell(f"The run waits for an operator: {blocked['reason']}")
