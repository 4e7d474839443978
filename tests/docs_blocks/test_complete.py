"""Nothing is left out: each command, route, problem, refusal, extra and environment variable is on its page."""

from __future__ import annotations

import ast
import dataclasses
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from temporalio.client import Client

from agno_temporal.api.app import create_app
from agno_temporal.api.problems import TITLES
from agno_temporal.api.service import new_service
from agno_temporal.api.settings import ApiSettings
from agno_temporal.cli import app
from agno_temporal.hitl import RefusalCode
from tests.docs_blocks.pages import ROOT

DOCS = ROOT / "docs"
PACKAGE = ROOT / "agno_temporal"


def commands(group: typer.Typer, above: str = "") -> Iterator[str]:
    for one in group.registered_commands:
        assert one.callback is not None
        if one.hidden:
            continue
        yield f"{above}{one.name or one.callback.__name__.replace('_', '-')}"
    for one in group.registered_groups:
        assert one.typer_instance is not None
        yield from commands(one.typer_instance, f"{above}{one.name or one.typer_instance.info.name} ")


def variables(file: Path) -> Iterator[str]:
    """The environment variables that a file names: those of ours, agno's, Temporal's and OpenTelemetry's wherever they
    stand, others where they are read."""
    source = file.read_text(encoding="utf-8")
    names_one = re.search(r"(AGNO|OTEL|TEMPORAL)_|environ|\bget(env)?\(\s*[\"'][A-Z]", source)
    if not names_one:  # To parse all takes a second.
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)) if re.fullmatch(r"(AGNO|OTEL|TEMPORAL)_[A-Z_]*[A-Z]", text):
                yield text
            case ast.Call(func=ast.Attribute(attr="getenv" | "get"), args=[ast.Constant(value=str(text)), *_]):
                if re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", text):
                    yield text
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(text))):
                yield text


COMMANDS = sorted(commands(app))
EXTRAS = sorted(set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]) - {"dev"})
OF_THE_API = {f"AGNO_TEMPORAL_API_{one.name.upper()}" for one in dataclasses.fields(ApiSettings)}
VARIABLES = sorted({one for file in PACKAGE.rglob("*.py") for one in variables(file)} | OF_THE_API)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_on_the_page_of_the_command_line(command: str) -> None:
    assert re.search(rf"agno-temporal {command}\b", (DOCS / "command-line.md").read_text())


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_environment_variable_is_in_the_table(variable: str) -> None:
    rows = [line for line in (DOCS / "settings.md").read_text().splitlines() if line.startswith("| `")]
    assert any(f"`{variable}`" in row.split("|")[1] for row in rows)


def test_variables_are_found() -> None:
    assert {"AGNO_TEMPORAL_TASK_QUEUE", "AGNO_TEMPORAL_DEBUG", "AGNO_DEBUG"} <= set(VARIABLES)


async def test_every_route_is_on_the_page_of_http(server: str) -> None:
    page = (DOCS / "http.md").read_text()
    service = new_service([], await Client.connect(server))
    paths = create_app(service).openapi()["paths"]
    routes = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    assert [route for route in routes if f"`{route}`" not in page] == []
    assert len(routes) > 15


@pytest.mark.parametrize("problem", sorted(TITLES))
def test_every_type_of_problem_is_on_the_page_of_http(problem: str) -> None:
    assert f"`{problem}`" in (DOCS / "http.md").read_text()


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_is_among_the_concepts(code: RefusalCode) -> None:
    assert f"`{code}`" in (DOCS / "concepts.md").read_text()


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_extra_is_in_the_table(extra: str) -> None:
    assert f"\n| `{extra}` |" in (DOCS / "settings.md").read_text()
