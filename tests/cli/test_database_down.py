"""A database that cannot be read is no bug of ours: commands that need one say so, and end with 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli

APP = """
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

db = SqliteDb(db_file={place!r})
release = Workflow(name="release", db=db, steps=[Step(name="ship", executor=lambda given: "shipped")])
"""


@pytest.fixture
def app(tmp_path: Path) -> str:
    """An app whose database is none."""
    (tmp_path / "agno.db").write_text("This is no database.")
    file = tmp_path / f"down_{tmp_path.name.replace('-', '_')}.py"
    file.write_text(APP.format(place=str(tmp_path / "agno.db")))
    return str(file)


@pytest.mark.parametrize("command", [("pending",), ("keys", "list"), ("keys", "create", "ci", "--scope", "read")])
async def test_what_reads_it_ends_with_3(cli: Cli, app: str, command: tuple[str, ...]):
    assert "does not answer as it should" in await cli.refused(3, *command, "--app", app)
