"""Tools that could never be answered, as far as one can see them without running anything.

agno asks once for a call, and goes on with the first answer. A tool that asks for two things would run without the
second: agno's decorator refuses it, its `Function` and `Toolkit` do not (agno/tools/decorator.py:165). What a factory
or a server brings is found when it pauses (`tool_questions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agno.team import Team
from agno.tools import Function, Toolkit

_FLAGS = ("requires_confirmation", "requires_user_input", "external_execution")


def impossible_tools(executor: Any) -> Iterator[str]:
    """Each tool of an agent, or of a team and its members, that asks for more than one thing, and what they are."""
    seen: set[int] = set()
    for tool, owner in _tools(executor, seen):
        asks = [flag for flag in _FLAGS if getattr(tool, flag)]
        if len(asks) > 1:
            yield f"tool {tool.name!r} of {owner!r} asks for more than one thing ({', '.join(asks)})"


def _tools(executor: Any, seen: set[int]) -> Iterator[tuple[Function, str | None]]:
    if id(executor) in seen:
        return
    seen.add(id(executor))
    for tool in _listed(getattr(executor, "tools", None)):
        own = [tool] if isinstance(tool, Function) else []
        if isinstance(tool, Toolkit):
            own = [*tool.functions.values(), *tool.async_functions.values()]
        yield from ((one, getattr(executor, "name", None)) for one in own)
    if isinstance(executor, Team):
        for member in _listed(executor.members):
            yield from _tools(member, seen)


def _listed(value: Any) -> list[Any]:
    """What is there now: tools and members may be functions that make them at run time."""
    return list(value) if isinstance(value, list | tuple) else []
