"""Options that several commands share, and what makes a function a command.

A command about runs is an async function whose first parameter is the `Backend`. `connected` puts the options that say
where the runs are in its place, which would else stand in twenty signatures. Where both Temporal and an API are named,
an option wins over the environment, and two options that contradict each other are refused.
"""

from __future__ import annotations

import functools
import inspect
import os
import typing
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer

from agno_temporal.cli.copied import with_options
from agno_temporal.cli.exits import ExitCode, Failed, as_exit_codes
from agno_temporal.cli.stdout import put_aside

API_URL = "AGNO_TEMPORAL_API_URL"
API_KEY = "AGNO_TEMPORAL_API_KEY"

Address = Annotated[str | None, typer.Option(help="host:port of Temporal (TEMPORAL_ADDRESS; else localhost:7233).")]
Namespace = Annotated[str | None, typer.Option(help="Temporal's namespace (TEMPORAL_NAMESPACE; else default).")]
Profile = Annotated[str | None, typer.Option(help="Profile of Temporal's configuration file (TEMPORAL_PROFILE).")]
TaskQueue = Annotated[
    str | None, typer.Option(help="Queue of the workers (AGNO_TEMPORAL_TASK_QUEUE; else agno-temporal).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
RunId = Annotated[str, typer.Argument(metavar="RUN_ID", help="The run's id.")]

Api = Annotated[
    str | None, typer.Option(help="URL of a remote API (AGNO_TEMPORAL_API_URL); its key in AGNO_TEMPORAL_API_KEY.")
]

_TEMPORAL = {"address": Address, "namespace": Namespace, "profile": Profile, "task_queue": TaskQueue}
_WHERE = {**_TEMPORAL, "api": Api}

Body = Callable[..., Coroutine[Any, Any, ExitCode | None]]


def connected(body: Body) -> Callable[..., None]:
    """The command whose body is given a `Backend`, and may return its exit code."""
    return _command(body, _WHERE, _with_backend)


def connected_unless(name: str) -> Callable[[Body], Callable[..., None]]:
    """The same, for a command that needs no `Backend` where one parameter is given: it gets None."""

    def as_command(body: Body) -> Callable[..., None]:
        async def run(body: Body, where: dict[str, str | None], given: dict[str, Any]) -> ExitCode | None:
            if not given[name]:
                return await _with_backend(body, where, given)
            if named := _named(where):
                raise Failed(f"{name.upper()} is read by itself, and {named[0]} is not. Leave one out.", ExitCode.USAGE)
            return await body(None, **given)

        return _command(body, _WHERE, run)

    return as_command


def at_temporal(body: Body) -> Callable[..., None]:
    """The command whose body is given `Settings`: it works on Temporal itself, and nowhere else."""
    return _command(body, _TEMPORAL, _with_settings)


def at_either(body: Body) -> Callable[..., None]:
    """The command whose body is given `Settings` of Temporal, or the `Remote` that is meant instead."""
    return _command(body, _WHERE, _with_place)


def _command(body: Body, where: dict[str, Any], run: Callable[..., Any]) -> Callable[..., None]:
    @functools.wraps(body)
    def command(**given: Any) -> None:
        from agno_temporal.connect.loops import call

        places = {name: given.pop(name) for name in where}
        with as_exit_codes(), put_aside(), with_options(places):
            code = call(run(body, places, given), body.__name__)
        raise typer.Exit(code or ExitCode.OK)

    # The first parameter's class is only known to type checkers; nobody needs it here.
    hints = typing.get_type_hints(
        body, localns={"Backend": Any, "Lists": Any, "Place": Any, "Settings": Any}, include_extras=True
    )
    _first, *own = inspect.signature(body).parameters.values()
    parameters = [one.replace(annotation=hints[one.name], kind=one.KEYWORD_ONLY) for one in own]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in where.items()
    ]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


async def _with_backend(body: Body, where: dict[str, str | None], given: dict[str, Any]) -> ExitCode | None:
    from agno_temporal.connect.settings import Settings

    async with _place(**where) as place:
        if not isinstance(place, Settings):
            return await body(place, **given)
        from agno_temporal.cli.core_log import connected_client
        from agno_temporal.cli.direct import Direct
        from agno_temporal.client import RunClient

        return await body(Direct(RunClient(await connected_client(place), place.queue)), **given)


@asynccontextmanager
async def _place(api: str | None, **temporal: str | None) -> AsyncIterator[Any]:
    """
    Raises:
        Failed: The options name two places.
    """
    named = _named(temporal)
    if api and named:
        raise Failed(f"--api is one place, and {named[0]} another. Use one of them.", ExitCode.USAGE)
    url = api or (None if named else os.environ.get(API_URL))
    if url:
        from agno_temporal.cli.remote import Remote

        async with Remote.at(url, os.environ.get(API_KEY)) as remote:
            yield remote
        return
    from agno_temporal.connect.settings import Settings

    yield Settings(**temporal)


async def _with_place(body: Body, where: dict[str, str | None], given: dict[str, Any]) -> ExitCode | None:
    async with _place(**where) as place:
        return await body(place, **given)


async def _with_settings(body: Body, where: dict[str, str | None], given: dict[str, Any]) -> ExitCode | None:
    """
    Raises:
        Failed: A remote API is meant, which has no such command.
    """
    if os.environ.get(API_URL) and not any(where.values()):
        raise Failed(
            f"{body.__name__} works on Temporal itself, and {API_URL} names a remote API. Say where Temporal is: "
            "--address.",
            ExitCode.USAGE,
        )
    from agno_temporal.connect.settings import Settings

    return await body(Settings(**where), **given)


def _named(places: dict[str, str | None]) -> list[str]:
    """The options that are given."""
    return [f"--{name.replace('_', '-')}" for name, value in places.items() if value is not None]
