"""An open requirement as the person sees it who decides it: what is asked, until when, and how to answer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agno_temporal.cli.backend import Document
from agno_temporal.cli.console import plain_table, text
from agno_temporal.cli.copied import copied
from agno_temporal.cli.tool_answers import EXAMPLES, tool_lines
from agno_temporal.hitl import Kind, ToolKind
from agno_temporal.views.kinds import ASKS, attempts
from agno_temporal.views.text import one_line, preview, span


def question(asked: Document) -> RenderableType:
    head = text(asked["step_name"], "bold").append_text(Text(f" waits for {asks(asked)}", "not bold yellow"))
    return Group(head, Padding(Group(*_lines(asked)), (0, 0, 0, 2), expand=False))


def asks(asked: Document) -> str:
    """What it waits for: "confirmation"."""
    return ASKS[Kind(asked["kind"])]


def failure(asked: Document) -> str | None:
    """What went wrong where somebody is asked about it: "ValueError: no such release"."""
    if asked["kind"] != Kind.ERROR.value:
        return None
    return f"{asked['error_type']}: {asked['error']}" if asked["error_type"] else asked["error"]


def commands(asked: Document) -> list[str]:
    """The commands that decide it."""
    ids = (asked["run_id"], asked["requirement_id"])
    return [copied(action, *ids, options=_rest(asked, action)) for action in asked["actions"]]


def _lines(asked: Document) -> Iterator[RenderableType]:
    if asked["message"]:
        yield text(asked["message"])
    if asked["reached"] is not None:
        yield text(f"{asked['reached']}.")
    if asked["feedback"]:
        yield text(f"It was rejected before: {asked['feedback']}")
    if (why := failure(asked)) is not None:
        yield text(why, "red")
        yield Text(f"It was {attempts(asked['retry_count'])}.")
    elif asked["error"]:
        yield text(f"You are asked because the step's own review function failed: {asked['error']}", "red")
    for title, key in (("Output", "under_review"), ("Previous output", "previous_output")):
        if (content := asked.get(key)) is not None:
            yield Text(f"{title}:", "bold")
            yield Padding(Text(preview(content)), (0, 0, 0, 2), expand=False)
    for tool in asked.get("tools", ()):
        yield tool_lines(tool)
    if asked["form_message"]:
        yield text(asked["form_message"])
    if asked["fields"]:
        yield _form(asked["fields"])
    if asked["kind"] == Kind.ROUTE_SELECTION.value:
        yield from _routes(asked)
    if asked["seconds_left"] is not None:
        yield Text(f"{span(asked['seconds_left'])} left, then {asked['after_deadline']}.")
    for effect in asked["effects"]:
        yield text(effect)


def _routes(asked: Document) -> Iterator[RenderableType]:
    yield Text("One or several routes:" if asked["allow_multiple_selections"] else "One route of:", "bold")
    for choice in asked["choices"] or ():
        yield Padding(text(choice), (0, 0, 0, 2), expand=False)


def _form(fields: Sequence[Document]) -> Table:
    table = plain_table("FIELD", "TYPE", "", "DESCRIPTION")
    for field in fields:
        said = [field["description"]] if field["description"] else []
        if field["allowed_values"] is not None:
            said.append("one of " + ", ".join(map(one_line, field["allowed_values"])))
        if field["default"] is not None:
            said.append(f"default {one_line(field['default'])}")
        need = "required" if field["required"] else "optional"
        table.add_row(text(field["name"]), field["type"], need, text("; ".join(said)))
    return table


def _rest(asked: Document, action: str) -> str:
    match action:
        case "reject":
            return " --feedback TEXT"
        case "edit":
            return " --text TEXT"
        case "answer":
            return "".join(
                f" --tool {shlex.quote(tool['tool_call_id'])}={EXAMPLES[ToolKind(tool['kind'])]}"
                for tool in asked.get("tools", ())
            )
        case "select":
            return " --route NAME" + _values(asked, ())
        case "confirm" | "input":
            return _values(asked, ("NAME",))
    return ""


def _values(asked: Document, otherwise: Sequence[str]) -> str:
    if asked["fields"] is None:
        return ""
    needed = [field["name"] for field in asked["fields"] if field["required"]]
    return "".join(f" --value {shlex.quote(name)}=..." for name in needed or otherwise)
