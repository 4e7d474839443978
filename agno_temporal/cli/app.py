"""All commands in one place, in the order in which help shows them."""

from __future__ import annotations

from typing import Annotated

import typer

from agno_temporal.cli import deciding, describing, operating, pending, reading, running, serving
from agno_temporal.cli.exits import EPILOG
from agno_temporal.cli.keys import keys

app = typer.Typer(
    name="agno-temporal",
    help="Runs agno workflows durably on Temporal, and decides what waits for a person.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    serving.dev,
    serving.worker,
    serving.api,
    describing.check,
    describing.workflows,
    running.run,
    running.cancel,
    reading.runs,
    reading.watch,
    reading.show,
    reading.events,
    pending.pending,
    deciding.confirm,
    deciding.reject,
    deciding.provide_input,
    deciding.edit,
    deciding.select,
    deciding.retry,
    deciding.skip,
    deciding.answer,
    operating.doctor,
    operating.unblock,
    operating.terminate,
    operating.rebuild,
):
    app.command("input" if command is deciding.provide_input else None)(command)
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
