"""Waiting for a run, and showing what became of it."""

from __future__ import annotations

import asyncio
import logging

from agno_temporal.cli.console import print_json
from agno_temporal.cli.exits import ExitCode, tell
from agno_temporal.cli.picture import draw_run
from agno_temporal.client import RunClient
from agno_temporal.contract.manifest import Manifest
from agno_temporal.views.documents import run_document
from agno_temporal.views.run_view import RunView, look_at

LOOK_EVERY = 2.0
"""Seconds between two looks at what may block the run."""


async def finished(runs: RunClient, run_id: str, as_json: bool) -> ExitCode:
    """Wait until the run has ended or waits for a person, show it, and say how it ended."""
    manifest = await settled(runs, run_id)
    present(await look_at(runs, run_id, manifest), as_json)
    return how_it_ended(manifest)


async def settled(runs: RunClient, run_id: str) -> Manifest:
    """The run, once it has ended or waits for a person. What blocks it meanwhile is told."""
    logging.getLogger("agno_temporal").addHandler(logging.NullHandler())  # `wait` logs what is told here
    teller = asyncio.create_task(_tell_what_blocks(runs, run_id))
    try:
        return await runs.wait(run_id)
    except asyncio.CancelledError:
        tell(f"Run {run_id} goes on. `agno-temporal show {run_id}` shows it, `agno-temporal cancel {run_id}` ends it.")
        raise
    finally:
        teller.cancel()


def how_it_ended(manifest: Manifest) -> ExitCode:
    return ExitCode.RUN_FAILED if manifest.status in ("ERROR", "CANCELLED") else ExitCode.OK


def present(view: RunView, as_json: bool) -> None:
    if as_json:
        print_json(run_document(view))
    else:
        draw_run(view)


async def _tell_what_blocks(runs: RunClient, run_id: str) -> None:
    told: set[str] = set()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        for blocked in await runs.blocked(run_id):
            if blocked.reason not in told:
                told.add(blocked.reason)
                tell(f"The run waits for an operator: {blocked.reason}")
