"""What an agent's or a team's tools ask, at the terminal: how it is shown, and what somebody typed in answer.

Each kind of question has the shortest answer that cannot be mistaken for another: yes or no, an object, or plain text.
The run judges whether they are all there, and fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from agno_temporal.cli.backend import Document
from agno_temporal.cli.console import text
from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.cli.json_texts import from_json_text
from agno_temporal.hitl import ToolAnswer, ToolKind
from agno_temporal.plan.data import DataError, from_json
from agno_temporal.views.text import one_line, preview

EXAMPLES = {
    ToolKind.CONFIRMATION: "yes",
    ToolKind.USER_INPUT: "'{\"FIELD\": ...}'",
    ToolKind.USER_FEEDBACK: '\'{"QUESTION": ["OPTION"]}\'',
    ToolKind.EXTERNAL_EXECUTION: "RESULT",
}

_ASKS = {
    ToolKind.CONFIRMATION: "may it run?",
    ToolKind.USER_INPUT: "waits for its arguments",
    ToolKind.USER_FEEDBACK: "asks",
    ToolKind.EXTERNAL_EXECUTION: "waits for the result of what is run elsewhere",
}


def tool_lines(tool: Document) -> RenderableType:
    """One tool call: what the model wants to do, and what is asked."""
    size = tool["arguments_size"]
    shown = f"({size} bytes)" if size is not None else ""
    whose = f" of {tool['member']}" if tool["member"] else ""
    asks = f"{shown}{whose}: {_ASKS[ToolKind(tool['kind'])]}  [{tool['tool_call_id']}]"
    lines: list[RenderableType] = [text(f"{tool['tool_name']}", "bold").append_text(text(asks, "not bold"))]
    if tool["arguments"]:
        lines.append(Padding(Text(preview(tool["arguments"])), (0, 0, 0, 2), expand=False))
    for field in tool["fields"]:
        filled = "" if field["default"] is None else f", the model says {one_line(field['default'])}"
        said = f"; {field['description']}" if field["description"] else ""
        need = "" if field["required"] else ", optional"
        line = f"{field['name']} ({field['type']}{need}){filled}{said}"
        lines.append(Padding(text(line), (0, 0, 0, 2), expand=False))
    for choice in tool["questions"]:
        options = ", ".join(choice["options"] or ()) or "anything"
        many = "several of" if choice["multi_select"] else "one of"
        lines.append(Padding(text(f"{choice['question']} ({many} {options})"), (0, 0, 0, 2), expand=False))
    return Group(*lines)


def tool_answers(pairs: Iterable[str], tools: Sequence[Document]) -> dict[str, ToolAnswer]:
    """Answers by the id of the call, from ``call=answer``. A call may be named by its tool, where that is enough.

    >>> asked = {"tool_call_id": "call-1", "tool_name": "drop", "kind": "confirmation"}
    >>> tool_answers(["drop=no: not on a Friday"], [asked])
    {'call-1': ToolAnswer(confirmed=False, note='not on a Friday', values=None, selections=None, result=None)}

    Args:
        tools: What is asked; where that is not known, an answer is its whole JSON object.

    Raises:
        Failed: Something is no pair, or no answer to the question, or a call is answered twice.
    """
    answers: dict[str, ToolAnswer] = {}
    for pair in pairs:
        name, said = _parts(pair, tools)
        named = [one for one in tools if one["tool_call_id"] == name] or [
            one for one in tools if one["tool_name"] == name
        ]
        if len(named) > 1:
            ids = ", ".join(one["tool_call_id"] for one in named)
            raise Failed(f"{name!r} was called more than once: {ids}. Name the call.", ExitCode.USAGE)
        call, kind = (named[0]["tool_call_id"], ToolKind(named[0]["kind"])) if named else (name, None)
        if call in answers:
            raise Failed(f"{name}: call {call} is answered twice. Say one of the answers.", ExitCode.USAGE)
        answers[call] = _answer(name, said, kind)
    return answers


def _parts(pair: str, tools: Sequence[Document]) -> tuple[str, str]:
    """The call and what is said to it. An id may hold a "=": those that are known are looked for first."""
    ids = sorted((one["tool_call_id"] for one in tools), key=len, reverse=True)
    for known in ids:
        if pair.startswith(f"{known}="):
            return known, pair[len(known) + 1 :]
    name, equals, said = pair.partition("=")
    if not equals or not name:
        raise Failed(f"{pair!r} is not CALL=ANSWER.", ExitCode.USAGE)
    return name, said


def _answer(name: str, said: str, kind: ToolKind | None) -> ToolAnswer:
    try:
        match kind:
            case ToolKind.CONFIRMATION:
                return _confirmation(said)
            case ToolKind.USER_INPUT:
                return from_json(ToolAnswer, {"values": from_json_text(said)})
            case ToolKind.USER_FEEDBACK:
                return from_json(ToolAnswer, {"selections": from_json_text(said)})
            case ToolKind.EXTERNAL_EXECUTION:
                return ToolAnswer(result=said)
        return from_json(ToolAnswer, from_json_text(said))
    except (ValueError, DataError) as error:
        example = EXAMPLES[kind] if kind else "'{...}'"
        raise Failed(f"{name}: {said!r} is no answer ({error}). Say {name}={example}.", ExitCode.USAGE) from error


def _confirmation(said: str) -> ToolAnswer:
    word, _, note = said.partition(":")
    match word.strip().lower():
        case "yes" if not note:
            return ToolAnswer(confirmed=True)
        case "no":
            return ToolAnswer(confirmed=False, note=note.strip() or None)
    raise ValueError("it is yes, no, or no: WHY")
