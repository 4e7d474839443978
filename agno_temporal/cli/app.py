"""All commands in one place, in the order in which help shows them."""

from __future__ import annotations

from typing import Annotated

import typer

from agno_temporal.cli import deciding, describing, operating, pending, reading, running, serving
from agno_temporal.cli.empty_texts import Command
from agno_temporal.cli.exits import EPILOG
from agno_temporal.cli.keys import keys

app = typer.Typer(
    name="agno-temporal",
    help="Runs agno workflows durably on Temporal, and decides what waits for a person.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Its library takes half of the time that help takes.
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS = (
    ("dev", serving.dev, "Start Temporal, a worker and the API on this machine."),
    ("worker", serving.worker, "Run the steps of workflows."),
    ("api", serving.api, "Serve the HTTP API."),
    ("check", describing.check, "List all for which workflows would be refused."),
    ("workflows", describing.workflows, "List workflows, or describe one."),
    ("run", running.run, "Start a run, and show what becomes of it."),
    ("watch", reading.watch, "Draw a run as it goes on."),
    ("cancel", running.cancel, "Cancel a run, whether it works or waits."),
    ("runs", reading.runs, "List runs."),
    ("show", reading.show, "Draw a run: its steps, questions and end."),
    ("events", reading.events, "List a run's events, or follow them."),
    ("pending", pending.pending, "List what waits for a person, in all runs."),
    ("confirm", deciding.confirm, "Confirm a step, or approve its output."),
    ("reject", deciding.reject, "Reject a step, or its output."),
    ("input", deciding.provide_input, "Fill in the form that a step waits for."),
    ("edit", deciding.edit, "Put another output in place of the one under review."),
    ("select", deciding.select, "Choose the route of a router."),
    ("retry", deciding.retry, "Try a step again that failed."),
    ("skip", deciding.skip, "Leave a step out that failed."),
    ("answer", deciding.answer, "Answer the tools that an agent or a team waits for."),
    ("doctor", operating.doctor, "Look at what runs need, and say what mends it."),
    ("unblock", operating.unblock, "Try a blocked step again now."),
    ("terminate", operating.terminate, "End a run at once, without its consent."),
    ("rebuild", operating.rebuild, "Write runs into the database anew, from Temporal."),
    ("delete-session", operating.delete_session, "Delete a session and all of its runs."),
)
"""Each with its name, and what it does in a line: help cuts a longer one off."""

for name, command, does in COMMANDS:
    app.command(name, cls=Command, short_help=does)(command)
app.add_typer(keys)
app.command("_develop", hidden=True)(serving.develop)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # It loads much that only this needs.

        typer.echo(version("agno-temporal"))
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass
