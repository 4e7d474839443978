"""Asking for single things at the terminal: a word, names out of a list, the fields of a form.

Each is asked for until it can be read; whether it fits, the run judges. The end of the input leaves everything open
that is still asked.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Sequence

import typer

from agno_temporal.cli.answers import typed
from agno_temporal.cli.backend import Document
from agno_temporal.cli.exits import Failed, tell
from agno_temporal.cli.stdout import ours
from agno_temporal.views.text import one_line, printable


class LeftOpen(Exception):
    """Whoever was asked gave no answer."""


async def line(prompt: str) -> str:
    """A line of stdin."""
    print(printable(prompt), end=" ", file=ours(), flush=True)
    said: str = await asyncio.to_thread(sys.stdin.readline)
    if not said:
        print(file=ours())
        raise LeftOpen
    return said.strip()


async def confirmed(prompt: str) -> bool:
    """Whether somebody says yes; all else is no.

    Raises:
        Abort: The input ended, as at Ctrl-D.
    """
    try:
        return (await line(f"{prompt} [y/N]:")).lower() in ("y", "yes")
    except LeftOpen:
        raise typer.Abort from None


async def word(prompt: str, words: Sequence[str]) -> str:
    """One of some words; the beginning of it suffices."""
    while True:
        said = await line(f"{prompt} {', '.join(words)}? (Enter leaves it open)")
        if not said:
            raise LeftOpen
        meant = [one for one in words if one.startswith(said.lower())]
        if len(meant) == 1:
            return meant[0]
        tell(f"{said!r} is none of {', '.join(words)}.")


async def names(prompt: str, choices: Sequence[str], several: bool) -> tuple[str, ...]:
    """One of some names, or several, in the order in which they are given."""
    listed, chosen = ", ".join(choices), list[str]()
    while True:
        said = await line(f"{prompt}, one of {listed}:{' (Enter ends the list)' if chosen else ''}")
        if not said:
            if not chosen:
                raise LeftOpen
            return tuple(chosen)
        if said not in choices:
            tell(f"{said!r} is none of {listed}.")
            continue
        chosen.append(said)
        if not several:
            return tuple(chosen)


async def filled_in(form: Iterable[Document]) -> tuple[str, ...]:
    """A form as pairs, ``name=value``; one without fields takes any."""
    fields = tuple(form)
    if fields:
        asked = [await _field(field) for field in fields]
        return tuple(pair for pair in asked if pair is not None)
    pairs: list[str] = []
    while said := await line("NAME=VALUE (Enter ends the form):"):
        if _is_fine([*pairs, said], ()):
            pairs.append(said)
    return tuple(pairs)


async def _field(field: Document) -> str | None:
    """One field as a pair; None where it is left out. Enter takes the default that is shown."""
    default = field["default"]
    said = [field["type"], "required" if field["required"] else "optional"]
    if field["allowed_values"] is not None:
        said.append("one of " + ", ".join(map(one_line, field["allowed_values"])))
    if default is not None:
        said.append(f"Enter takes {one_line(default)}")
    what = f"{field['name']}: {field['description']}" if field["description"] else field["name"]
    while True:
        value = await line(f"{what} ({'; '.join(said)}):")
        if not value and default is not None:
            value = default if isinstance(default, str) else json.dumps(default)
        if value and _is_fine([pair := f"{field['name']}={value}"], (field,)):
            return pair
        if not value and not field["required"]:
            return None


def _is_fine(pairs: Sequence[str], form: tuple[Document, ...]) -> bool:
    try:
        typed(pairs, form)
    except Failed as failed:
        tell(str(failed))
        return False
    return True
