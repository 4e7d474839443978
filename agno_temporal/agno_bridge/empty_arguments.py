"""Which arguments of a tool its form may leave empty.

agno calls the tool with every field of the form, and with None for an empty one (agno/agent/_tools.py:767). An argument
that may be None is served by that. For one that may not be, pydantic refuses the call, although it has a default: the
model is told of a validation error, and the tool does not run. There the field is left out of the call, so that the
default holds.

A field of agno's has the argument's type, as long as it is in the process that made it. The defaults are read off the
function itself, where it is in sight: not of what a factory makes at run time, and not of a member's tool, whose call
agno puts together from the member's own run.
"""

from __future__ import annotations

import inspect
from typing import Any

from agno.tools.function import Function
from agno.tools.toolkit import Toolkit
from pydantic import TypeAdapter


def takes_none(field_type: Any) -> bool:
    """Whether pydantic, by which agno checks a call, takes None for a type.

    >>> takes_none(int | None), takes_none(int), takes_none("no type")
    (True, False, False)
    """
    try:
        TypeAdapter(field_type).validate_python(None)
    except Exception:  # No, or it is a type of which pydantic knows nothing.
        return False
    return True


def optional_arguments(executor: Any, name: str | None) -> dict[str, bool]:
    """The arguments with a default of an executor's tool, and whether each has a type too."""
    found = next((tool for tool in _functions(executor.tools) if tool.name == name), None)
    if found is None or found.entrypoint is None:
        return {}
    try:
        arguments = inspect.signature(found.entrypoint).parameters
    except (TypeError, ValueError):
        return {}
    return {one.name: one.annotation is not one.empty for one in arguments.values() if one.default is not one.empty}


def _functions(tools: Any) -> list[Function]:
    found: list[Function] = []
    for tool in tools if isinstance(tools, list | tuple) else ():
        if isinstance(tool, Function):
            found.append(tool)
        elif isinstance(tool, Toolkit):
            found += [*tool.functions.values(), *tool.async_functions.values()]
    return found
