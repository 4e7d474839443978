"""An app that runs an event loop of its own while it is loaded: every command loads it, as `worker` does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli, unloaded
from tests.cli.dev import free_port
from tests.cli.processes import Process

SOURCE = """
import asyncio

from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

async def name():
    return "looped"

asked_for = asyncio.get_event_loop()
imported = asyncio.run(name())

def make():
    db = SqliteDb(db_file="kept.db")
    return Workflow(name=asyncio.run(name()), db=db, steps=[Step(name="work", executor=lambda given: "done")])
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    return f"{unloaded(tmp_path, monkeypatch, SOURCE)}:make"


@pytest.mark.parametrize(
    "command", ["check", "workflows", "pending --app", "keys list --app", "delete-session nothing --yes"]
)
async def test_a_command_loads_it(cli: Cli, app: str, command: str):
    await cli.ok(*command.split(), app)


async def test_doctor_loads_it(cli: Cli, app: str):
    assert "Its workflows are looped." in (await cli("doctor", app)).stdout


async def test_rebuild_loads_it(cli: Cli, app: str):
    assert "There is no run" in await cli.refused(4, "rebuild", "nothing", app)


async def test_the_api_loads_it(cli: Cli, app: str, tmp_path: Path):
    port = str(free_port())
    api = Process.command("api", app, "--port", port, directory=tmp_path, environment=cli.environment)
    try:
        await api.says("The API is at")
    finally:
        api.kill()


@pytest.mark.slow
async def test_dev_loads_it(app: str, tmp_path: Path):
    ports = ("--port", str(free_port()), "--api-port", str(free_port()), "--no-ui")
    dev = Process.command("dev", app, *ports, directory=tmp_path)
    try:
        await dev.says("Workflows: looped")
    finally:
        await dev.stop()
