"""``run --ask`` for tools: each call of a paused agent or team is asked about in turn, and all are answered at once."""

from __future__ import annotations

import json

from agno_temporal.cli.answers import typed
from agno_temporal.cli.prompts import filled_in, line, names, word
from agno_temporal.hitl import Choice, ToolKind, ToolQuestion


async def asked_tool(tool: ToolQuestion) -> str:
    """The answer to one call, as ``--tool`` takes it: ``call=answer``."""
    return f"{tool.id}={await _answer(tool)}"


async def _answer(tool: ToolQuestion) -> str:
    name = tool.tool_name or tool.id
    match tool.kind:
        case ToolKind.CONFIRMATION:
            if await word(f"May {name} run:", ["yes", "no"]) == "yes":
                return "yes"
            why = await line("Why not? (Enter gives no reason)")
            return f"no: {why}" if why else "no"
        case ToolKind.USER_INPUT:
            print(f"{name} waits for its arguments.")
            return json.dumps(typed(await filled_in(tool.form), tool.form))
        case ToolKind.USER_FEEDBACK:
            return json.dumps({one.question: await _selected(one) for one in tool.choices})
        case ToolKind.EXTERNAL_EXECUTION:
            return await line(f"What did {name} give?")


async def _selected(choice: Choice) -> list[str]:
    labels = [option.label for option in choice.options or ()]
    if labels:
        return list(await names(choice.question, labels, choice.multi_select))
    return [await line(choice.question)]
