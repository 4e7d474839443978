"""Options that several commands share, and what makes a function a command.

A command that talks to Temporal is an async function whose first parameter is the connected `RunClient`. `connected`
puts the options that say where Temporal is in its place, which would else stand in nine signatures.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from agno_temporal.cli.exits import ExitCode, as_exit_codes
from agno_temporal.connect.loops import call

Address = Annotated[str | None, typer.Option(help="host:port of Temporal (TEMPORAL_ADDRESS; else localhost:7233).")]
Namespace = Annotated[str | None, typer.Option(help="Temporal's namespace (TEMPORAL_NAMESPACE; else default).")]
Profile = Annotated[str | None, typer.Option(help="Profile of Temporal's configuration file (TEMPORAL_PROFILE).")]
TaskQueue = Annotated[
    str | None, typer.Option(help="Queue of the workers (AGNO_TEMPORAL_TASK_QUEUE; else agno-temporal).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
RunId = Annotated[str, typer.Argument(metavar="RUN_ID", help="The run's id.")]

_WHERE = {"address": Address, "namespace": Namespace, "profile": Profile, "task_queue": TaskQueue}

Body = Callable[..., Coroutine[Any, Any, ExitCode | None]]


def connected(body: Body) -> Callable[..., None]:
    """The command whose body is given a connected `RunClient`, and may return its exit code."""

    @functools.wraps(body)
    def command(**given: Any) -> None:
        where = {name: given.pop(name) for name in _WHERE}
        with as_exit_codes():
            code = call(_run(body, where, given), body.__name__)
        raise typer.Exit(code or ExitCode.OK)

    # The client's class is only known to type checkers; nobody needs it here.
    hints = typing.get_type_hints(body, localns={"RunClient": Any}, include_extras=True)
    _client, *own = inspect.signature(body).parameters.values()
    parameters = [one.replace(annotation=hints[one.name], kind=one.KEYWORD_ONLY) for one in own]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _WHERE.items()
    ]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


async def _run(body: Body, where: dict[str, str | None], given: dict[str, Any]) -> ExitCode | None:
    from agno_temporal.client import RunClient
    from agno_temporal.connect.settings import Settings

    settings = Settings(**where)
    return await body(RunClient(await settings.connect(), settings.queue), **given)
