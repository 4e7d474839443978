"""``run --ask`` for tools: each call of a paused agent or team is asked about in turn, and all are answered at once."""

from __future__ import annotations

import json

from agno_temporal.cli.answers import typed
from agno_temporal.cli.backend import Document
from agno_temporal.cli.console import say
from agno_temporal.cli.prompts import filled_in, line, names, word
from agno_temporal.hitl import ToolKind


async def asked_tool(tool: Document) -> str:
    """The answer to one call, as ``--tool`` takes it: ``call=answer``."""
    return f"{tool['tool_call_id']}={await _answer(tool)}"


async def _answer(tool: Document) -> str:
    name = tool["tool_name"] or tool["tool_call_id"]
    match ToolKind(tool["kind"]):
        case ToolKind.CONFIRMATION:
            if await word(f"May {name} run:", ["yes", "no"]) == "yes":
                return "yes"
            why = await line("Why not? (Enter gives no reason)")
            return f"no: {why}" if why else "no"
        case ToolKind.USER_INPUT:
            say(f"{name} waits for its arguments.")
            return json.dumps(typed(await filled_in(tool["fields"]), tool["fields"]))
        case ToolKind.USER_FEEDBACK:
            return json.dumps({one["question"]: await _selected(one) for one in tool["questions"]})
        case ToolKind.EXTERNAL_EXECUTION:
            return await line(f"What did {name} give?")


async def _selected(choice: Document) -> list[str]:
    if choice["options"]:
        return list(await names(choice["question"], choice["options"], choice["multi_select"]))
    return [await line(choice["question"])]
