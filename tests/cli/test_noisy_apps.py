"""An app that prints: its words stand on stderr, and stdout is the command's alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agno_temporal.connect.loading import load_workflows
from tests.cli.conftest import Cli, unloaded
from tests.support import Bench

SOURCE = """
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

print("LOADED")
db = SqliteDb(db_file="kept.db")

def make():
    print("MADE")
    return Workflow(name="noisy", db=db, steps=[Step(name="work", executor=lambda given: "done")])
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    return f"{unloaded(tmp_path, monkeypatch, SOURCE)}:make"


@pytest.mark.parametrize(
    "command", ["check", "workflows", "doctor", "pending --app", "keys list --app", "keys create ci --scope read --app"]
)
async def test_json_of_an_app_that_prints_is_one_document(cli: Cli, app: str, command: str):
    result = await cli(*command.split(), app, "--json")
    json.loads(result.stdout)
    assert "LOADED\nMADE\n" in result.stderr


async def test_a_rebuilt_run_of_an_app_that_prints_is_one_document(cli: Cli, bench: Bench, app: str):
    [noisy] = load_workflows([app])
    async with bench.worker(noisy):
        run_id = await bench.start(noisy, "v2")
        await bench.ended(run_id)
    result = await cli("rebuild", run_id, app, "--json")
    assert [one["run_id"] for one in json.loads(result.stdout)["runs"]] == [run_id]
    assert "MADE\n" in result.stderr


async def test_a_key_in_the_database_of_an_app_that_prints_stands_alone_on_stdout(cli: Cli, app: str):
    assert re.fullmatch(r"agt_\w+\n", await cli.ok("keys", "create", "ci", "--scope", "read", "--app", app))
