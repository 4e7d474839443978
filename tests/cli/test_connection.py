"""Where no server answers: every command says so, and what to do, and ends with 3. What is wrong itself ends with 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.cli.processes import Process

COMMANDS = [
    ["runs"],
    ["pending"],
    ["show", "r"],
    ["cancel", "r"],
    ["confirm", "r"],
    ["run", "w"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
async def test_no_server(cli: Cli, command):
    said = await cli.refused(3, *command, "--address", "127.0.0.1:1")
    assert said.startswith("Error: No Temporal server answers at 127.0.0.1:1: Connection refused.")


async def test_no_server_for_a_worker(cli: Cli, tmp_path: Path):
    (tmp_path / "app.py").write_text(
        "from agno.workflow import Step, Workflow\nflow = Workflow(name='w', steps=[print])"
    )
    worker = Process.command("worker", "app:flow", "--address", "127.0.0.1:1", directory=tmp_path)
    assert await worker.ended() == 3
    assert worker.said.startswith("Error: No Temporal server answers at 127.0.0.1:1: Connection refused.")


async def test_no_such_namespace(cli: Cli):
    assert "has no namespace 'moon'" in await cli.refused(3, "runs", "--namespace", "moon")


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("TEMPORAL_PROFILE", "moon", "Profile 'moon' not found"),
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", "/nope", "No such file or directory: '/nope'"),
        ("TEMPORAL_ADDRESS", "host:99999", "'host:99999' is no host:port"),
        ("TEMPORAL_TLS_CLIENT_CERT_DATA", "x", "A client certificate needs its key, and the key its certificate"),
    ],
)
async def test_a_wrong_setting_ends_with_2(cli: Cli, variable: str, value: str, why: str):
    cli.environment[variable] = value
    assert why in await cli.refused(2, "runs")


@pytest.mark.parametrize("variable", ["TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS_SERVER_CA_CERT_PATH"])
async def test_a_setting_that_is_empty_has_its_default(cli: Cli, variable: str):
    cli.environment[variable] = ""
    assert await cli.ok("runs") == "No runs.\n"


async def test_a_profile_file_that_is_no_toml_ends_with_2(cli: Cli, tmp_path: Path):
    (tmp_path / "temporal.toml").write_text("broken = [")
    cli.environment["TEMPORAL_CONFIG_FILE"] = str(tmp_path / "temporal.toml")
    assert "TOML parse error" in await cli.refused(2, "runs")


async def broken(*arguments: object) -> None:
    raise KeyError("oops")


async def test_a_bug_of_ours_ends_with_70_and_without_a_traceback(cli: Cli, monkeypatch):
    monkeypatch.setattr("agno_temporal.cli.direct.survey", broken)
    assert "unexpected KeyError: 'oops'. This is a bug" in await cli.refused(70, "runs")


async def test_a_bug_of_ours_is_shown_where_it_is_asked_for_and_ends_with_70_too(cli: Cli, monkeypatch):
    monkeypatch.setattr("agno_temporal.cli.direct.survey", broken)
    cli.environment["AGNO_TEMPORAL_DEBUG"] = "1"
    result = await cli("runs")
    assert result.exit_code == 70
    assert ", in broken\n" in result.stderr


@pytest.mark.parametrize("off", ["", "0", "false"])
async def test_a_bug_of_ours_is_not_shown_where_that_is_turned_off(cli: Cli, monkeypatch, off: str):
    monkeypatch.setattr("agno_temporal.cli.direct.survey", broken)
    cli.environment["AGNO_TEMPORAL_DEBUG"] = off
    assert "Traceback" not in (await cli("runs")).stderr


async def test_a_module_that_is_missing_and_not_ours_ends_with_70(cli: Cli, monkeypatch):
    async def lacking(*arguments: object) -> None:
        raise ModuleNotFoundError("No module named 'nowhere'", name="nowhere")

    monkeypatch.setattr("agno_temporal.cli.direct.survey", lacking)
    assert "unexpected ModuleNotFoundError" in await cli.refused(70, "runs")
