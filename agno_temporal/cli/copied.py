"""Commands that are printed to be copied.

Whoever was told by ``--address`` where the runs are would paste a command that looks for them elsewhere, and may find
another run there. So each one ends with the options that the command had which prints it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_options: ContextVar[str] = ContextVar("_options", default="")


@contextmanager
def with_options(places: Mapping[str, str | None]) -> Iterator[None]:
    """For the length of a block, these options are of every command that is printed; None is one that was not given."""
    given = {name.replace("_", "-"): value for name, value in places.items() if value is not None}
    before = _options.set("".join(f" --{name} {shlex.quote(value)}" for name, value in given.items()))
    try:
        yield
    finally:
        _options.reset(before)


def copied(command: str, *ids: str, options: str = "") -> str:
    """
    Args:
        options: Of the command itself, as they are typed, each behind a space.

    >>> with with_options({"address": "10.0.0.1:7233", "task_queue": None}):
    ...     copied("show", "r-1"), copied("show", "-1")
    ('agno-temporal show r-1 --address 10.0.0.1:7233', 'agno-temporal show --address 10.0.0.1:7233 -- -1')
    """
    named, options = arguments(*ids), options + _options.get()
    if named.startswith("--"):
        return f"agno-temporal {command}{options} {named}"
    return f"agno-temporal {command} {named}{options}"


def arguments(*texts: str) -> str:
    """As they are typed. Behind a ``--`` nothing is an option: what begins with a hyphen needs it, and goes last.

    >>> arguments("r 1", "app.py"), arguments("-1", "app.py")
    ("'r 1' app.py", '-- -1 app.py')
    """
    typed = " ".join(map(shlex.quote, texts))
    return f"-- {typed}" if any(one.startswith("-") for one in texts) else typed
