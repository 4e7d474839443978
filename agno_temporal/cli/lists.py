"""The lists of `runs` and `pending`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC

from rich.padding import Padding
from rich.text import Text

from agno_temporal.cli.console import draw, plain_table, status_text, text
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.hitl import Kind
from agno_temporal.views.kinds import ASKS, after_deadline, attempts, failure, reached
from agno_temporal.views.survey import Row
from agno_temporal.views.text import one_line, span

ID_WIDTH = 40
"""Up to this length an id stays on one line, to be copied."""


def draw_runs(rows: Sequence[Row]) -> None:
    if not rows:
        draw(Text("No runs."))
        return
    table = plain_table("RUN", "WORKFLOW", "STATUS", "STARTED (UTC)")
    table.columns[0].min_width = min(ID_WIDTH, max(len(row.run.run_id) for row in rows))
    for row in rows:
        status = status_text(row.status)
        if row.is_silent:
            status.append(" (no answer)", "dim")
        started = row.run.started_at.astimezone(UTC)
        table.add_row(text(row.run.run_id), text(row.run.workflow_id), status, f"{started:%m-%d %H:%M:%S}")
    draw(table)


def draw_pending(waiting: Sequence[tuple[Manifest, Asked]], now: float) -> None:
    if not waiting:
        draw(Text("Nothing waits for a person."))
        return
    for manifest, asked in waiting:
        one = asked.requirement
        left = "" if one.deadline is None else f", {span(one.deadline - now)} left"
        head = text(one.step_name, "bold").append_text(text(f" of {manifest.workflow_id} waits for ", "not bold"))
        draw(head.append_text(Text(f"{ASKS[one.kind]}{left}", "not bold yellow")))
        facts = plain_table("", "")
        for title, said in (*_asked(asked), ("run", manifest.run_id), ("requirement", one.id)):
            facts.add_row(Text(title, "dim"), text(said))
        draw(Padding(facts, (0, 0, 1, 2), expand=False))
    runs = len({manifest.run_id for manifest, _ in waiting})
    draw(Text(f"{_count(len(waiting), 'decision')} in {_count(runs, 'run')}: agno-temporal show RUN says more.", "dim"))


def _asked(asked: Asked) -> Iterator[tuple[str, str]]:
    """What is asked, in a line for each fact."""
    one = asked.requirement
    if one.message:
        yield "message", one_line(one.message)
    if (progress := reached(asked)) is not None:
        yield "reached", one_line(progress)
    if (why := failure(one)) is not None:
        yield "error", f"{one_line(why)} ({attempts(one)})"
    if one.kind is Kind.ROUTE_SELECTION:
        yield "one or several of" if one.allow_multiple_selections else "one of", ", ".join(one.choices or ())
    if one.deadline is not None:
        yield "then", after_deadline(one)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
