"""Nothing is left out: each command, each route and each environment variable is on its page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from agno_temporal.cli import app
from tests.docs_blocks.pages import ROOT

DOCS = ROOT / "docs"
PACKAGE = ROOT / "agno_temporal"


def commands(group: typer.Typer, above: str = "") -> Iterator[str]:
    for one in group.registered_commands:
        assert one.callback is not None
        yield f"{above}{one.name or one.callback.__name__.replace('_', '-')}"
    for one in group.registered_groups:
        assert one.typer_instance is not None
        yield from commands(one.typer_instance, f"{above}{one.name or one.typer_instance.info.name} ")


def variables(file: Path) -> Iterator[str]:
    """The environment variables that a file names: ours wherever they stand, others where they are read."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Constant(value=str(text)) if re.fullmatch(r"AGNO_TEMPORAL_[A-Z_]+", text):
                yield text
            case ast.Call(func=ast.Attribute(attr="getenv" | "get"), args=[ast.Constant(value=str(text)), *_]):
                if re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", text):
                    yield text
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(text))):
                yield text


COMMANDS = sorted(commands(app))
VARIABLES = sorted({one for file in PACKAGE.rglob("*.py") for one in variables(file)})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_on_the_page_of_the_command_line(command: str) -> None:
    assert re.search(rf"agno-temporal {command}\b", (DOCS / "command-line.md").read_text())


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_environment_variable_is_in_the_table(variable: str) -> None:
    rows = [line for line in (DOCS / "settings.md").read_text().splitlines() if line.startswith("| `")]
    assert any(f"`{variable}`" in row.split("|")[1] for row in rows)


def test_variables_are_found() -> None:
    assert {"AGNO_TEMPORAL_TASK_QUEUE", "AGNO_TEMPORAL_DEBUG", "AGNO_DEBUG"} <= set(VARIABLES)
