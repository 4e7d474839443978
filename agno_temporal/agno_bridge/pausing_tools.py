"""Tools that pause the agent that calls them, as far as one can see them without running anything.

In this version a pause inside an agent cannot be kept over a restart. A tool that asks for one is refused with its name
when the workflow is registered. What a tools factory or an MCP server brings at run time is found when it pauses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agno.team import Team
from agno.tools import Function, Toolkit
from agno.tools.user_control_flow import UserControlFlowTools
from agno.tools.user_feedback import UserFeedbackTools

_FLAGS = ("requires_confirmation", "requires_user_input", "external_execution")


def pausing_tools(executor: Any) -> Iterator[str]:
    """What pauses in an agent, or in a team and its members: ``tool 'rm' of 'Ops' (requires_confirmation)``."""
    yield from _in_executor(executor, set())


def _in_executor(executor: Any, seen: set[int]) -> Iterator[str]:
    if id(executor) in seen:
        return
    seen.add(id(executor))
    for tool in _listed(getattr(executor, "tools", None)):
        for name, reason in _pauses(tool):
            yield f"tool {name!r} of {getattr(executor, 'name', None)!r} ({reason})"
    if isinstance(executor, Team):
        for member in _listed(executor.members):
            yield from _in_executor(member, seen)


def _listed(value: Any) -> list[Any]:
    """What is there now: tools and members may be functions that make them at run time."""
    return list(value) if isinstance(value, list | tuple) else []


def _pauses(tool: Any) -> Iterator[tuple[str, str]]:
    match tool:
        case Function():
            yield from ((tool.name, flag) for flag in _FLAGS if getattr(tool, flag))
        case Toolkit():
            yield from _toolkit_pauses(tool)
        case _ if getattr(tool, "_agno_approval_type", None) == "required":
            # agno/agent/_tools.py:622-628: a bare function under @approval asks for confirmation.
            yield getattr(tool, "__name__", repr(tool)), "approval"


def _toolkit_pauses(toolkit: Toolkit) -> Iterator[tuple[str, str]]:
    functions = {**toolkit.functions, **toolkit.async_functions}
    if isinstance(toolkit, UserControlFlowTools | UserFeedbackTools):
        # Their functions carry no flag: the model loop knows them by name (agno/models/base.py:2484, 2521).
        yield from ((name, "asks the user") for name in functions)
        return
    for function in functions.values():
        yield from _pauses(function)
    if not functions:  # An MCP server's tools are registered when it is connected.
        yield from ((name, "requires_confirmation") for name in toolkit.requires_confirmation_tools)
        yield from ((name, "external_execution") for name in toolkit.external_execution_required_tools)
