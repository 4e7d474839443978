"""Commands about workflows before they run: `workflows` and `check`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from agno_temporal.cli.exits import ExitCode, Failed, as_exit_codes, tell
from agno_temporal.cli.options import AsJson, connected_unless
from agno_temporal.cli.stdout import put_aside

if TYPE_CHECKING:
    from agno_temporal.cli.backend import Lists

Apps = Annotated[
    list[str] | None,
    typer.Argument(metavar="APP", help="Of this app: module:object, app.py:object, or app.py for all in it."),
]


@connected_unless("app")
async def workflows(
    backend: Lists,
    app: Apps = None,
    describe: Annotated[str | None, typer.Option(metavar="ID", help="Draw this workflow: its steps and gates.")] = None,
    as_json: AsJson = False,
) -> None:
    """List workflows: those that an app has, or an API; else those of which Temporal has runs."""
    from agno_temporal.cli.console import print_json
    from agno_temporal.cli.workflow_pictures import draw_workflow, draw_workflows

    if app:
        from agno_temporal.cli.apps import OfApps

        backend = await asyncio.to_thread(OfApps, app)
    if describe is not None:
        document = await backend.workflow(describe)
        print_json(document) if as_json else draw_workflow(document)
        return
    document = await backend.workflows()
    print_json(document) if as_json else draw_workflows(document)
    if not document["complete"]:
        tell("Others are not known here: `agno-temporal workflows app.py` lists what an app has.")


def check(
    app: Annotated[
        list[str], typer.Argument(metavar="APP...", help="module:object, app.py:object, or app.py for all in it.")
    ],
    as_json: AsJson = False,
) -> None:
    """Compile workflows, and list all that would be refused: where, why, and what to do. Needs no server."""
    with as_exit_codes(), put_aside():
        from agno_temporal.cli.checking import checked
        from agno_temporal.cli.console import print_json
        from agno_temporal.cli.workflow_pictures import draw_checked

        document = checked(app)
        print_json(document) if as_json else draw_checked(document)
        if not document["ok"]:
            count = sum(len(one["problems"]) for one in document["workflows"])
            raise Failed("One problem." if count == 1 else f"{count} problems.", ExitCode.USAGE)
