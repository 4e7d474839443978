"""The lists of `runs` and `pending`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from agno_temporal.cli.backend import Document
from agno_temporal.cli.console import draw, plain_table, status_text, text
from agno_temporal.cli.question import asks, failure
from agno_temporal.hitl import Kind
from agno_temporal.views.kinds import attempts
from agno_temporal.views.text import one_line, span

ID_WIDTH = 40
"""Up to this length an id stays on one line, to be copied."""


def draw_runs(runs: Sequence[Document]) -> None:
    if not runs:
        draw(Text("No runs."))
        return
    table = plain_table("RUN", "WORKFLOW", "STATUS", "STARTED (UTC)")
    table.columns[0].min_width = min(ID_WIDTH, max(len(run["run_id"]) for run in runs))
    for run in runs:
        status = status_text(run["status"])
        if run.get("unreadable"):
            status.append(" (unreadable)", "dim")
        elif not run["answered"]:
            status.append(" (no answer)", "dim")
        started = datetime.fromisoformat(run["started_at"]).astimezone(UTC)
        table.add_row(text(run["run_id"]), text(run["workflow_id"]), status, f"{started:%m-%d %H:%M:%S}")
    draw(table)


def draw_pending(document: Document) -> None:
    draw(pending_picture(document))


def pending_picture(document: Document) -> RenderableType:
    waiting = document["pending"]
    if not waiting:
        known = "is known to wait" if document["no_answer"] else "waits"
        return Text(f"Nothing {known} for a person.")
    return Group(*map(_entry, waiting), _total(waiting))


def _entry(one: Document) -> RenderableType:
    """One open question, in some lines, with an empty one behind them."""
    left = "" if one["seconds_left"] is None else f", {span(one['seconds_left'])} left"
    head = text(one["step_name"], "bold").append_text(text(f" of {one['workflow_id']} waits for ", "not bold"))
    facts = plain_table("", "")
    for title, said in (*_asked(one), ("run", one["run_id"]), ("requirement", one["requirement_id"])):
        facts.add_row(Text(title, "dim"), text(said))
    return Group(
        head.append_text(Text(f"{asks(one)}{left}", "not bold yellow")), Padding(facts, (0, 0, 1, 2), expand=False)
    )  # fmt: skip


def _total(waiting: Sequence[Document]) -> Text:
    runs = len({one["run_id"] for one in waiting})
    return Text(
        f"{_count(len(waiting), 'decision')} in {_count(runs, 'run')}: agno-temporal show RUN says more.", "dim"
    )


def _asked(one: Document) -> Iterator[tuple[str, str]]:
    """What is asked, in a line for each fact."""
    if one["message"]:
        yield "message", one_line(one["message"])
    if one["reached"] is not None:
        yield "reached", one_line(one["reached"])
    if (why := failure(one)) is not None:
        yield "error", f"{one_line(why)} ({attempts(one['retry_count'])})"
    if one["kind"] == Kind.ROUTE_SELECTION.value:
        yield "one or several of" if one["allow_multiple_selections"] else "one of", ", ".join(one["choices"] or ())
    if one["seconds_left"] is not None:
        yield "then", one["after_deadline"]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
