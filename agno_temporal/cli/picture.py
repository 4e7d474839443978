"""The picture of one run that `show` draws: its tree, its open questions, its end. Made for 80 columns.

It is drawn from the run's JSON (`views.documents`), wherever that came from.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.text import Text
from rich.tree import Tree

from agno_temporal.cli.backend import Document
from agno_temporal.cli.console import console, draw, draw_unbroken, status_text, text
from agno_temporal.cli.question import commands, question
from agno_temporal.views.run_view import OPEN
from agno_temporal.views.text import content_text, one_line, span, tried
from agno_temporal.views.tree import Standing

_SIGNS = {
    Standing.DONE: ("✓", "+", "green"),
    Standing.RUNNING: ("●", "*", "cyan"),
    Standing.WAITING: ("◆", "?", "yellow"),
    Standing.BLOCKED: ("!", "!", "red"),
    Standing.FAILED: ("✗", "x", "red"),
    Standing.SKIPPED: ("-", "-", "dim"),
    Standing.CUT_OFF: ("✗", "x", "red"),
    Standing.NOT_YET: ("○", ".", "dim"),
    Standing.NEVER: ("○", ".", "dim"),
}
"""The sign of each standing, the sign where only ASCII can be printed, and the style."""

SIGNS_AT_WORK = frozenset(_SIGNS[one][0] for one in (Standing.RUNNING, Standing.WAITING, Standing.BLOCKED))


def draw_run(run: Document) -> None:
    """Everything of one run."""
    draw(head(run))
    if run["input"] is not None:
        draw(text(f"Input: {one_line(run['input'])}"))
    draw(Text(), tree(run))
    if elsewhere := blocked_elsewhere(run):
        draw(Text(), *elsewhere)
    for asked in run["pending"]:
        draw(Text(), question(asked))
        draw_unbroken(*(text(f"  {answer}", "cyan") for answer in commands(asked)))
    if run["refused_signals"]:
        draw(Text(), Text("Refused signals:", "bold"), *(text(f"  {refused}") for refused in run["refused_signals"]))
    if not is_open(run) and run["content"] is not None:
        title = "Content:" if run["status"] == "COMPLETED" else "Reason:"
        draw(Text(), Text(title, "bold"))
        draw_unbroken(text(content_text(run["content"])))


def is_open(run: Document) -> bool:
    return run["status"] in OPEN


def head(run: Document) -> Text:
    line = Text("Run ").append_text(text(run["run_id"], "bold")).append_text(text(f" of {run['workflow_id']}: "))
    line.append_text(status_text(run["status"]))
    if is_open(run) or run["duration"] is None:
        started = datetime.fromisoformat(run["started_at"]).timestamp()
        return line.append(f", started {span(time.time() - started)} ago")
    line.append(f", took {span(run['duration'])}")
    return line if run["settled"] else line.append(", not closed yet")


def tree(run: Document) -> Tree:
    """The steps, and where each of them stands."""
    drawn = Tree(text(run["workflow_name"] or run["workflow_id"], "bold"))
    _grow(drawn, run["steps"])
    return drawn


def blocked_elsewhere(run: Document) -> list[Text]:
    """What keeps the run and is no step's: its start, its pause or its end, which its database takes first, or a task
    of its own."""
    said = set(_notes(run["steps"]))
    why = dict.fromkeys(tried(one["attempts"], one["reason"]) for one in run["blocked"])
    return [text(f"! {one}", "red") for one in why if one not in said]


def _notes(branches: Sequence[Document]) -> Iterator[str]:
    for branch in branches:
        yield from branch["notes"]
        yield from _notes(branch["steps"])


def _grow(tree: Tree, branches: Sequence[Document]) -> None:
    for branch in branches:
        _grow(tree.add(_line(branch)), branch["steps"])


def _needs_word(branch: Document, standing: Standing) -> bool:
    """Whether the sign and the notes do not say it already."""
    match standing:
        case Standing.NOT_YET | Standing.NEVER | Standing.WAITING:
            return False
        case Standing.CUT_OFF:
            return not branch["notes"]
    return branch["path"] is not None


def _line(branch: Document) -> Text:
    standing = Standing[branch["state"].upper()]
    sign, plain, style = _SIGNS[standing]
    line = Text(plain if console().options.ascii_only else sign, style).append(" ")
    line.append_text(text(branch["name"], "dim" if style == "dim" else "bold"))
    said = [branch["what"]] if branch["what"] else []
    if _needs_word(branch, standing):
        said.append(standing.value)
    if branch["times"] > 1:
        said.append(f"{branch['times']} times")
    said += branch["notes"]
    if said:
        line.append_text(text("  " + ", ".join(said), "yellow" if standing is Standing.WAITING else "dim"))
    return line
