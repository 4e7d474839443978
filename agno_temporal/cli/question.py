"""An open requirement as the person sees it who decides it: what is asked, until when, and how to answer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agno_temporal.cli.console import plain_table, text
from agno_temporal.cli.tool_answers import EXAMPLES, tool_lines
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Kind, Requirement, allowed_actions
from agno_temporal.plan import InputField
from agno_temporal.views.kinds import ASKS, after_deadline, attempts, effects, failure, reached
from agno_temporal.views.run_view import RunView, Shown, previous_content, under_review
from agno_temporal.views.text import one_line, preview, span


def question(view: RunView, asked: Asked, shown: Shown) -> RenderableType:
    one = asked.requirement
    head = text(one.step_name, "bold").append_text(Text(f" waits for {ASKS[one.kind]}", "not bold yellow"))
    return Group(head, Padding(Group(*_lines(view, asked, shown)), (0, 0, 0, 2), expand=False))


def commands(run_id: str, one: Requirement) -> list[str]:
    """The commands that decide it."""
    start = f"{shlex.quote(run_id)} {one.id}"
    return [f"agno-temporal {action.value} {start}{_rest(one, action)}" for action in allowed_actions(one)]


def _lines(view: RunView, asked: Asked, shown: Shown) -> Iterator[RenderableType]:
    one = asked.requirement
    if one.message:
        yield text(one.message)
    if (progress := reached(asked)) is not None:
        yield text(f"{progress}.")
    if one.feedback:
        yield text(f"It was rejected before: {one.feedback}")
    if (why := failure(one)) is not None:
        yield text(why, "red")
        yield Text(f"It was {attempts(one)}.")
    elif one.error:
        yield text(f"You are asked because the step's own review function failed: {one.error}", "red")
    for title, content in (("Output", under_review(asked, shown)), ("Previous output", previous_content(asked, shown))):
        if content is not None:
            yield Text(f"{title}:", "bold")
            yield Padding(Text(preview(content)), (0, 0, 0, 2), expand=False)
    for tool in one.tools:
        yield tool_lines(tool)
    if one.form_message:
        yield text(one.form_message)
    if one.form:
        yield _form(one.form)
    if one.kind is Kind.ROUTE_SELECTION:
        yield from _routes(one)
    if one.deadline is not None:
        yield Text(f"{span(one.deadline - view.now)} left, then {after_deadline(one)}.")
    for effect in effects(one):
        yield text(effect)


def _routes(one: Requirement) -> Iterator[RenderableType]:
    yield Text("One or several routes:" if one.allow_multiple_selections else "One route of:", "bold")
    for choice in one.choices or ():
        yield Padding(text(choice), (0, 0, 0, 2), expand=False)


def _form(fields: Sequence[InputField]) -> Table:
    table = plain_table("FIELD", "TYPE", "", "DESCRIPTION")
    for field in fields:
        said = [field.description] if field.description else []
        if field.allowed_values is not None:
            said.append("one of " + ", ".join(map(one_line, field.allowed_values)))
        if field.value is not None:
            said.append(f"default {one_line(field.value)}")
        need = "required" if field.required else "optional"
        table.add_row(text(field.name), field.field_type, need, text("; ".join(said)))
    return table


def _rest(one: Requirement, action: Action) -> str:
    match action:
        case Action.REJECT:
            return " --feedback TEXT"
        case Action.EDIT:
            return " --text TEXT"
        case Action.ANSWER:
            return "".join(f" --tool {shlex.quote(tool.id)}={EXAMPLES[tool.kind]}" for tool in one.tools)
        case Action.SELECT:
            return " --route NAME" + _values(one, ())
        case Action.CONFIRM | Action.INPUT:
            return _values(one, ("NAME",))
    return ""


def _values(one: Requirement, otherwise: Sequence[str]) -> str:
    if one.form is None:
        return ""
    needed = [field.name for field in one.form if field.required]
    return "".join(f" --value {name}=..." for name in needed or otherwise)
