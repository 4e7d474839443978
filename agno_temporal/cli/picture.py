"""The picture of one run that `show` draws: its tree, its open questions, its end. Made for 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from rich.tree import Tree

from agno_temporal.cli.console import console, draw, draw_unbroken, status_text, text
from agno_temporal.cli.question import commands, question
from agno_temporal.views.run_view import RunView
from agno_temporal.views.text import content_text, one_line, span
from agno_temporal.views.tree import Branch, Standing, step_tree

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


def draw_run(view: RunView) -> None:
    """Everything of one run."""
    manifest = view.manifest
    draw(_head(view))
    if view.output.input is not None:
        draw(text(f"Input: {one_line(view.output.input)}"))
    draw_tree(view)
    for asked, shown in view.waiting():
        draw(Text(), question(view, asked, shown))
        draw_unbroken(*(text(f"  {answer}", "cyan") for answer in commands(manifest.run_id, asked.requirement)))
    if manifest.refused:
        draw(Text(), Text("Refused signals:", "bold"), *(text(f"  {refused}") for refused in manifest.refused))
    if not view.is_open and view.output.content is not None:
        title = "Content:" if manifest.status == "COMPLETED" else "Reason:"
        draw(Text(), Text(title, "bold"))
        draw_unbroken(text(content_text(view.output.content)))


def draw_tree(view: RunView) -> None:
    if view.plan is None:
        draw(*(text(f"! tried {one.attempts} times: {one.reason}", "red") for one in view.blocked))
        return
    tree = Tree(text(view.plan.workflow_name or view.plan.workflow_id, "bold"))
    _grow(tree, step_tree(view.plan, view.manifest, view.blocked, view.is_open, view.now))
    draw(Text(), tree)


def _head(view: RunView) -> Text:
    manifest = view.manifest
    head = Text("Run ").append_text(text(manifest.run_id, "bold")).append_text(text(f" of {manifest.workflow_id}: "))
    head.append_text(status_text(manifest.status))
    if view.is_open or manifest.duration is None:
        return head.append(f", started {span(view.now - manifest.created_at)} ago")
    return head.append(f", took {span(manifest.duration)}")


def _grow(tree: Tree, branches: Sequence[Branch]) -> None:
    for branch in branches:
        _grow(tree.add(_line(branch)), branch.branches)


def _needs_word(branch: Branch) -> bool:
    """Whether the sign and the notes do not say it already."""
    match branch.standing:
        case Standing.NOT_YET | Standing.NEVER | Standing.WAITING:
            return False
        case Standing.CUT_OFF:
            return not branch.notes
    return branch.path is not None


def _line(branch: Branch) -> Text:
    sign, plain, style = _SIGNS[branch.standing]
    line = Text(plain if console().options.ascii_only else sign, style).append(" ")
    line.append_text(text(branch.name, "dim" if style == "dim" else "bold"))
    said = [branch.what] if branch.what else []
    if _needs_word(branch):
        said.append(branch.standing.value)
    if branch.times > 1:
        said.append(f"{branch.times} times")
    said += branch.notes
    if said:
        line.append_text(text("  " + ", ".join(said), "yellow" if branch.standing is Standing.WAITING else "dim"))
    return line
