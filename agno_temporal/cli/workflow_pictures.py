"""The pictures of `workflows`, `check` and `doctor`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from agno_temporal.cli.backend import Document
from agno_temporal.cli.console import console, draw, draw_unbroken, plain_table, text
from agno_temporal.hitl import Kind
from agno_temporal.views.kinds import ASKS
from agno_temporal.views.text import one_line, span

FINDING_WIDTH = 11


def draw_workflows(document: Document) -> None:
    workflows = document["workflows"]
    if not workflows:
        draw(Text("No workflows."))
        return
    counted = any("runs" in one for one in workflows)
    table = plain_table("WORKFLOW", "RUNS" if counted else "DESCRIPTION")
    for one in workflows:
        table.add_row(text(one["id"]), str(one["runs"]) if counted else text(one_line(one["description"] or "", 200)))
    draw(table)


def draw_workflow(document: Document) -> None:
    draw(text(document["id"], "bold"))
    if document["description"]:
        draw(text(document["description"]))
    tree = Tree(text(document["name"] or document["id"], "bold"))
    _grow(tree, document["plan"]["steps"])
    draw(Text(), tree, Text())
    if document["input_schema"] is not None:
        draw(Text("Input:", "bold"))
        draw_unbroken(text(json.dumps(document["input_schema"], indent=2, ensure_ascii=False)))
    if not document["has_database"]:
        draw(Text("It has no database: its runs are in Temporal alone, and end with what that keeps."))


def draw_checked(document: Document) -> None:
    for one in document["workflows"]:
        draw(_verdict(one))
        for problem in one["problems"]:
            place = f"step {problem['path']}" if problem["path"] is not None else "the workflow"
            named = f" ({problem['name']})" if problem["name"] else ""
            draw(Padding(text(f"{place}{named}: {problem['text']}"), (0, 0, 0, 2), expand=False))


def draw_finding(finding: Document) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=FINDING_WIDTH)
    table.add_column(overflow="fold")
    table.add_row(_sign(finding["ok"]).append_text(text(finding["what"], "bold")), text(finding["said"]))
    draw(table)
    if finding["mend"]:
        draw_unbroken(text(f"{' ' * (FINDING_WIDTH + 2)}{finding['mend']}", "cyan"))


def _sign(good: bool) -> Text:
    signs = ("+ ", "x ") if console().options.ascii_only else ("✓ ", "✗ ")
    return Text(signs[0], "green") if good else Text(signs[1], "red")


def _verdict(one: Document) -> Text:
    verdict = _sign(not one["problems"]).append_text(text(one["id"] or "a workflow", "bold"))
    if one["problems"]:
        return verdict
    return verdict.append_text(
        Text(f"  {_count(one['steps'], 'step')}, {_count(one['asks'], 'gate')}", "dim not bold")
    )  # fmt: skip


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"


def _grow(tree: Tree, nodes: Iterable[Document]) -> None:
    for node in nodes:
        line = text(node["name"] or f"({node['kind']})", "bold")
        said = ", ".join(_what(node))
        _grow(tree.add(line.append_text(text(f"  {said}", "dim not bold"))), node["steps"])


def _what(node: Document) -> Iterable[str]:
    if node["kind"] == "loop":
        yield f"loop, at most {node['max_iterations']} times"
    elif node["kind"] != "branch":
        yield node.get("executor") or node["kind"]
    for asked in node["asks"]:
        said = f"{'may ask' if asked.get('sometimes') else 'asks'} for {ASKS[Kind(asked['kind'])]}"
        yield said if asked["timeout"] is None else f"{said} ({span(asked['timeout'])}, then {asked['on_timeout']})"
