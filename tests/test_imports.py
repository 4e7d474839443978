"""Imports: why the floors of the house (docs/design.md) are a test.

The Temporal workflow code runs without the sandbox, so nothing but this test keeps it away from agno, from user code
and from I/O. An import that breaks the rule costs nothing on the day it is written. It shows months later: a replay
that depends on which agno is installed, a starter that loads every model library to send one message, a cycle that
nobody can untie.

The source is read, not run, and every import in it counts: inside a function, for a type checker only, or by a literal
name given to ``import_module``. A name that is only an annotation is a dependency all the same. What the source cannot
show, an import of an import, is left to a fresh interpreter.
"""

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "agno_temporal"

FLOOR_0 = {"plan", "hitl", "contract"}
FLOORS_0_1 = FLOOR_0 | {"workflows", "agno_bridge", "webhooks"}
FLOORS_0_2 = FLOORS_0_1 | {"activities"}
FLOORS_0_3 = FLOORS_0_2 | {"connect", "follow", "plugin", "client", "worker"}
FLOORS_0_4 = FLOORS_0_3 | {"agentos", "runtime", "durable"}
FLOORS_0_5 = FLOORS_0_4 | {"views", "api", "testing"}

PYDANTIC = {"pydantic", "pydantic_core"}  # one library: pydantic pins its core to the exact version
LIBRARIES = PYDANTIC | {"agno", "temporalio"}
HTTP = {
    "anyio",
    "fastapi",
    "httpx",
    "jwt",
    "opentelemetry",
    "prometheus_client",
    "sse_starlette",
    "starlette",
    "uvicorn",
}

ROOT = "__init__"
"""The package's own ``__init__``: it names what is public, so no room may import from it."""

# Reading a clock, drawing a number or touching the machine gives another answer on replay, and no sandbox objects.
NOT_IN_A_WORKFLOW = {
    "concurrent", "http", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3",
    "ssl", "subprocess", "tempfile", "threading", "time", "urllib",
}  # fmt: skip

BESIDE_WORKFLOWS = {("workflows/uninterrupted.py", "threading")}
"""What no workflow does, but what runs them: it is called by the worker's threads."""


@dataclass(frozen=True)
class Room:
    """What a room may import beside itself and the standard library."""

    rooms: set[str]
    libraries: set[str]
    not_stdlib: set[str]


def room(rooms: set[str], libraries: set[str], *, not_stdlib: set[str] | None = None) -> Room:
    return Room(rooms, libraries, not_stdlib or set())


TABLE = {
    "plan": room(set(), set(), not_stdlib=NOT_IN_A_WORKFLOW),
    "hitl": room({"plan"}, set(), not_stdlib=NOT_IN_A_WORKFLOW),
    "contract": room({"plan", "hitl"}, set(), not_stdlib=NOT_IN_A_WORKFLOW),
    "workflows": room(FLOOR_0, {"temporalio"}, not_stdlib=NOT_IN_A_WORKFLOW),
    "agno_bridge": room(FLOOR_0, PYDANTIC | {"agno", "sqlalchemy"}),
    "webhooks": room(FLOOR_0, {"httpx", "standardwebhooks"}),
    "activities": room(FLOORS_0_1, {"temporalio"}),
    "connect": room(FLOORS_0_2, LIBRARIES | {"aioboto3", "cryptography", "gcloud", "google", "opentelemetry"}),
    "plugin": room(FLOORS_0_2 | {"connect"}, LIBRARIES),
    "follow": room(FLOORS_0_2, LIBRARIES),
    "client": room(FLOORS_0_2 | {"connect", "follow"}, LIBRARIES),
    "worker": room(FLOORS_0_2 | {"connect", "plugin"}, LIBRARIES),
    "agentos": room(FLOORS_0_3, LIBRARIES | {"fastapi"}),
    "runtime": room(FLOORS_0_3 | {"durable"}, LIBRARIES),
    "durable": room(FLOORS_0_3 | {"agentos"}, LIBRARIES),
    "views": room(FLOORS_0_4, LIBRARIES),
    "api": room(FLOORS_0_4 | {"views"}, LIBRARIES | HTTP),
    "testing": room(FLOORS_0_4, LIBRARIES),
    "cli": room(FLOORS_0_5, LIBRARIES | HTTP | {"rich", "typer"}),
    "__main__": room({"cli"}, set()),
    ROOT: room(FLOORS_0_5, set()),
}


def room_of(file: Path, package: Path) -> str:
    return file.relative_to(package).parts[0].removesuffix(".py")


def imported_names(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that ``source`` imports, as a module inside ``package``."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield node.lineno, alias.name
            case ast.ImportFrom(module=module, names=names, level=level):
                origin = importlib.util.resolve_name("." * level + (module or ""), package)
                for alias in names:
                    yield node.lineno, f"{origin}.{alias.name}"
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, importlib.util.resolve_name(name, package)


def is_allowed(name: str, importer: str) -> bool:
    row = TABLE[importer]
    match name.split("."):
        case ["agno_temporal", *rest]:
            target = rest[0] if rest and rest[0] in TABLE else ROOT
            return target == importer or target in row.rooms
        case [top, *_] if top in sys.stdlib_module_names:
            return top not in row.not_stdlib
        case [top, *_]:
            return top in row.libraries
    return False


def violations(package: Path) -> list[str]:
    found = []
    for file in sorted(package.rglob("*.py")):
        importer = room_of(file, package)
        within = ".".join(file.parent.relative_to(package.parent).parts)
        for line, name in imported_names(file.read_text(), within):
            place = file.relative_to(package).as_posix()
            if not is_allowed(name, importer) and (place, name) not in BESIDE_WORKFLOWS:
                found.append(f"{file.relative_to(package.parent)}:{line}: '{importer}' may not import {name}")
    return found


def test_every_room_has_a_row_in_the_table():
    rooms = {room_of(file, PACKAGE) for file in PACKAGE.rglob("*.py")}
    assert sorted(rooms - TABLE.keys()) == []


def test_every_import_keeps_to_the_table():
    assert violations(PACKAGE) == []


def test_every_module_opens_with_a_docstring():
    files = sorted(PACKAGE.rglob("*.py"))
    assert [str(file) for file in files if not ast.get_docstring(ast.parse(file.read_text()))] == []


def test_the_workflow_code_loads_without_agno():
    script = """
import importlib, pkgutil, sys
import agno_temporal.workflows as room
assert room.__file__, "a folder without __init__.py: nothing was loaded"
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    importlib.import_module(module.name)
print(*sorted(name for name in sys.modules if name.partition(".")[0] == "agno"))
"""
    fresh = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True, timeout=60
    )
    assert fresh.returncode == 0, fresh.stderr
    assert fresh.stdout.split() == []


def planted(tmp_path: Path, file: str, source: str) -> list[str]:
    path = tmp_path / "agno_temporal" / file
    path.parent.mkdir(parents=True)
    path.write_text(source)
    return violations(tmp_path / "agno_temporal")


@pytest.mark.parametrize(
    ("file", "source"),
    [
        pytest.param("workflows/run.py", "import agno.workflow", id="agno-in-the-workflow-code"),
        pytest.param("workflows/run.py", "def f():\n    from agno.run import RunStatus", id="inside-a-function"),
        pytest.param(
            "workflows/run.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import agno",
            id="for-a-type-checker-only",
        ),
        pytest.param("workflows/run.py", "import importlib\nimportlib.import_module('agno')", id="by-a-literal-name"),
        pytest.param("workflows/run.py", "from time import monotonic", id="a-clock-in-the-workflow-code"),
        pytest.param("workflows/run.py", "from ..agno_bridge import compile", id="the-other-room-on-the-floor"),
        pytest.param("workflows/loops/body.py", "from ... import agno_bridge", id="relative-from-a-deeper-package"),
        pytest.param("plan/nodes.py", "from agno_temporal.hitl import Decision", id="one-floor-up"),
        pytest.param("plan/nodes.py", "import pydantic", id="a-library-on-floor-0"),
        pytest.param("agno_bridge/execute.py", "from temporalio import activity", id="temporal-in-the-bridge"),
        pytest.param("worker.py", "from .cli import main", id="a-module-that-is-a-room-of-its-own"),
        pytest.param("api/runs.py", "from agno_temporal import DurableWorkflow", id="the-public-front-door"),
        pytest.param("api/runs.py", "import agno_temporal", id="the-whole-package"),
    ],
)
def test_an_import_against_the_table_is_found(tmp_path, file, source):
    assert len(planted(tmp_path, file, source)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        pytest.param("plan/nodes.py", "from . import paths\nfrom .paths import NodePath", id="its-own-room"),
        pytest.param("plan/nodes.py", "from __future__ import annotations\nimport dataclasses", id="standard-library"),
        pytest.param("workflows/loops/body.py", "from ...plan.nodes import LoopNode", id="a-floor-below"),
        pytest.param("workflows/run.py", "from temporalio import workflow", id="temporal-in-the-workflow-code"),
        pytest.param("__init__.py", "from agno_temporal.durable import DurableWorkflow", id="from-the-front-door"),
    ],
)
def test_an_import_within_the_table_passes(tmp_path, file, source):
    assert planted(tmp_path, file, source) == []
