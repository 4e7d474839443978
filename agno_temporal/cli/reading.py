"""Commands that read: `runs`, `show`, `pending`, `watch` and `events`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agno_temporal.cli.exits import ExitCode, tell
from agno_temporal.cli.options import AsJson, RunId, connected

if TYPE_CHECKING:
    from agno_temporal.cli.backend import Backend


@connected
async def runs(
    backend: Backend,
    workflow: Annotated[str | None, typer.Option(help="Only runs of this workflow, by its id.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only runs that have not ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, open ones before all others.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs: those that are open, the newest first, then those that ended last. PAUSED waits for a person."""
    from agno_temporal.cli.backend import Wanted
    from agno_temporal.cli.console import print_json
    from agno_temporal.cli.lists import draw_runs

    document, more = await backend.runs(Wanted(limit, workflow_id=workflow, open_only=open_only))
    if as_json:
        print_json(document)
        return
    draw_runs(document["runs"])
    for why in sorted({run["unreadable"] for run in document["runs"] if run.get("unreadable")}):
        tell(f"Unreadable: {why}")
    if more:
        tell(f"There are more than these {limit}: --limit, --workflow, --open.")


@connected
async def show(backend: Backend, run_id: RunId, as_json: AsJson = False) -> None:
    """Draw a run: its steps, what it waits for, and what came of it."""
    from agno_temporal.cli.waiting import present

    present(await backend.run(run_id), as_json)


@connected
async def watch(backend: Backend, run_id: RunId, as_json: AsJson = False) -> ExitCode:
    """Draw a run as it goes on, until it has ended or waits for a person.

    Interrupted or not, the run goes on.
    """
    from agno_temporal.cli.waiting import finished

    return await finished(backend, run_id, as_json)


@connected
async def events(
    backend: Backend,
    run_id: RunId,
    after: Annotated[int, typer.Option(min=-1, metavar="N", help="Only those behind number N; they begin at 0.")] = -1,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as they come, until the run has ended.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document per event, each on a line.")] = False,
) -> None:
    """List a run's events: agno's own, numbered without gaps."""
    from agno_temporal.cli.event_lines import print_events

    await print_events(backend, run_id, after, follow, as_json)
