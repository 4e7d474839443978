"""Commands that read: `runs`, `show` and `pending`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from agno_temporal.cli.exits import ExitCode, tell
from agno_temporal.cli.options import AsJson, RunId, connected

if TYPE_CHECKING:
    from agno_temporal.client import RunClient

PENDING_LIMIT = 1000


@connected
async def runs(
    client: RunClient,
    workflow: Annotated[str | None, typer.Option(help="Only runs of this workflow, by its id.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only runs that have not ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs. PAUSED are those that wait for a person."""
    from agno_temporal.cli.console import print_json
    from agno_temporal.cli.lists import draw_runs
    from agno_temporal.views.documents import runs_document
    from agno_temporal.views.survey import survey

    rows, more = await survey(client, limit, workflow, open_only)
    if as_json:
        print_json(runs_document(rows))
        return
    draw_runs(rows)
    if more:
        tell(f"There are more than these {limit}: --limit, --workflow, --open.")


@connected
async def show(client: RunClient, run_id: RunId, as_json: AsJson = False) -> None:
    """Draw a run: its steps, what it waits for, and what came of it."""
    from agno_temporal.cli.waiting import present
    from agno_temporal.views.run_view import look_at

    present(await look_at(client, run_id), as_json)


@connected
async def pending(
    client: RunClient,
    workflow: Annotated[str | None, typer.Option(help="Only runs of this workflow, by its id.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Look at so many open runs at most, the newest.")] = PENDING_LIMIT,
    as_json: AsJson = False,
) -> ExitCode | None:
    """List what waits for a person, in all runs: the nearest deadline first."""
    from agno_temporal.cli.console import print_json
    from agno_temporal.cli.lists import draw_pending
    from agno_temporal.views.documents import pending_document
    from agno_temporal.views.survey import survey, waiting_in

    rows, more = await survey(client, limit, workflow, open_only=True)
    silent = sum(row.is_silent for row in rows)
    if as_json:
        print_json(pending_document(rows, time.time()))
    else:
        draw_pending(waiting_in(rows), time.time())
    if more:
        tell(f"Only the newest {limit} open runs were looked at: --limit.")
    if silent:
        tell(f"No worker answered for {silent} of {len(rows)} open runs; what they wait for is missing here.")
        return ExitCode.NO_ANSWER
    return None
