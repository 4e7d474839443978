"""agno's order of arguments, for methods that take all of agno's and name few.

agno takes every argument of `run` by position too, and a version may add one. So the order is read from the agno that
is installed, and what is handed in by position is handed on by name.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any


def by_position(agnos: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Have a method take by position what this one of agno's takes so.

    Raises:
        TypeError: When it is called: with more than agno takes, or with an argument twice.
    """
    signature = inspect.signature(agnos)
    names = [name for name, one in signature.parameters.items() if one.kind is one.POSITIONAL_OR_KEYWORD][1:]

    def decorate(own: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(own)
        def taking(self: Any, *args: Any, **options: Any) -> Any:
            if len(args) > len(names):
                raise TypeError(f"{own.__name__}() takes {len(names)} arguments by position, and not {len(args)}.")
            return own(self, **dict(zip(names, args, strict=False)), **options)

        taking.__signature__ = signature  # type: ignore[attr-defined]
        return taking

    return decorate
