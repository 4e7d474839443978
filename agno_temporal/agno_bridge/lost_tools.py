"""A tool that an agent waits for, and that a deploy has taken from it between the question and the answer.

agno fails the step then, with the answer spent on it ("Function call not found", agno/models/base.py:2051); and where
the agent has no tool at all any more, it goes on without a word, as if nobody had asked
(agno/agent/_tools.py:1176). So it is looked at before anything of the answer is done: a step that is tried again must
not have run the first of its tools.

What a toolkit has is known once it is connected, and what a function makes is known at run time: those are left to
agno, and so are the tools of a team's members.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from agno.tools import Toolkit
from agno.tools.function import Function

from agno_temporal.agno_bridge.executor_runs import ExecutorRun
from agno_temporal.agno_bridge.lookup import StepBlocked

_AGNOS_OWN: Final = frozenset({"get_user_input", "ask_user"})
"""They are answered, and not called."""


def refuse_lost_tools(executor: Any, run: ExecutorRun, where: str) -> None:
    """
    Args:
        run: Answered.

    Raises:
        StepBlocked: The executor has not the tools that the answers are for.
    """
    known = _names(executor.tools)
    if known is None:
        return
    lost = [name for name in _called(run) if name not in known]
    if lost:
        has = ", ".join(sorted(known)) or "none"
        raise StepBlocked(
            f"{where}: the run waits to go on with the tool {', '.join(map(repr, dict.fromkeys(lost)))}, and this "
            f"worker's {executor.name!r} has it not; its tools are: {has}. Deploy a version that has it, or cancel the "
            "run."
        )


def _called(run: ExecutorRun) -> Iterable[str]:
    """The names of the tools that agno looks up to go on, whether they were confirmed or rejected."""
    for requirement in run.requirements or ():
        tool = requirement.tool_execution
        if requirement.member_agent_id is not None or tool is None or tool.tool_name is None:
            continue
        if tool.tool_name not in _AGNOS_OWN and (tool.requires_confirmation or tool.requires_user_input):
            yield tool.tool_name


def _names(tools: Any) -> set[str] | None:
    """The names of an executor's tools; None where they are not known before it runs."""
    if tools is not None and not isinstance(tools, list | tuple):
        return None
    names = set[str]()
    for tool in tools or ():
        match tool:
            case Function():
                names.add(tool.name)
            case Toolkit() if found := {*tool.functions, *tool.async_functions}:
                names |= found
            case _ if callable(tool) and not isinstance(tool, Toolkit):
                names.add(tool.__name__)
            case _:
                return None
    return names
