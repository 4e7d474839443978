"""deploy/schema.sh and deploy/namespace.sh, run by stand-ins of Temporal's tools that write down what they are asked.

The tool for tables is at hand in Temporal's image alone; what is asked of it is pinned here (docs/deployment.md says
what was not run).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.deployment.compose import services
from tests.docs_blocks.pages import ROOT

SERVER = ("--plugin", "postgres12", "--ep", "postgres", "-p", "5432", "-u", "temporal")
SCHEMA = "/etc/temporal/schema/postgresql/v12"

STAND_IN = """#!/bin/sh
echo "$@" >> "$ASKED"
case "$*" in $FAILS) [ -e "$ASKED.once" ] && [ -z "$ALWAYS" ] || { : > "$ASKED.once"; exit 1; };; esac
"""
"""What fails does so the first time, or always."""


class Tool:
    """A tool of this name, first on the path of the scripts."""

    def __init__(self, name: str, directory: Path) -> None:
        self._asked = directory / "asked"
        self._directory = directory
        (directory / name).write_text(STAND_IN)
        (directory / name).chmod(0o755)

    def run(self, service: str, *, fails: str = "nothing", always: bool = False) -> list[str]:
        """Run the service's script as the container does. Returns what the tool was asked for."""
        given = services()[service]
        environment = {str(key): str(value) for key, value in given["environment"].items()}
        (shell, mounted) = given["entrypoint"]
        script = next(one.split(":")[0] for one in given["volumes"] if one.split(":")[1] == mounted)
        path = f"{self._directory}:{os.environ['PATH']}"
        environment |= {"PATH": path, "ASKED": str(self._asked), "FAILS": fails, "ALWAYS": "1" if always else ""}
        subprocess.run([shell, ROOT / script], env=environment, check=True)
        return self.asked()

    def asked(self) -> list[str]:
        return self._asked.read_text().splitlines()


@pytest.fixture
def sql_tool(tmp_path: Path) -> Tool:
    return Tool("temporal-sql-tool", tmp_path)


def asked(database: str, *words: str) -> str:
    return " ".join((*SERVER, "--db", database, *words))


def update(database: str, schema: str) -> str:
    return asked(database, "update-schema", "-d", f"{SCHEMA}/{schema}/versioned")


def test_tables_that_are_there_are_brought_up_to_date_and_nothing_else(sql_tool: Tool) -> None:
    assert sql_tool.run("schema") == [update("temporal", "temporal"), update("temporal_visibility", "visibility")]


def test_a_database_without_tables_gets_them_and_then_all_updates(sql_tool: Tool) -> None:
    first = update("temporal", "temporal")
    assert sql_tool.run("schema", fails="*--db?temporal?update-schema*") == [
        first,
        asked("temporal", "setup-schema", "-v", "0.0"),
        first,
        update("temporal_visibility", "visibility"),
    ]


def test_what_goes_wrong_ends_the_script_so_that_the_server_does_not_start(sql_tool: Tool) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        sql_tool.run("schema", fails="*--db?temporal?*", always=True)
    assert len(sql_tool.asked()) == 2


def test_the_password_is_no_argument(sql_tool: Tool) -> None:
    """Arguments can be read by every process of the machine."""
    password = services()["schema"]["environment"]["SQL_PASSWORD"]
    assert not any(password in line for line in sql_tool.run("schema"))


def test_a_namespace_is_made_or_its_retention_set(tmp_path: Path) -> None:
    tool = Tool("temporal", tmp_path)
    there = tool.run("namespace")
    assert there == [
        "operator namespace describe -n agno",
        "operator namespace update -n agno --retention 30d",
    ]
    new = tool.run("namespace", fails="*describe*")
    assert new[2:] == [
        "operator namespace describe -n agno",
        "operator namespace create -n agno --retention 30d",
    ]


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "deploy").glob("*.sh")))
def test_every_script_is_one_that_a_plain_shell_reads(script: str) -> None:
    subprocess.run(["sh", "-n", ROOT / "deploy" / script], check=True)
