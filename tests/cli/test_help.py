"""Help: quick, because it loads nothing heavy, and complete, because scripts rely on exit codes."""

from __future__ import annotations

import subprocess
import sys

import agno_temporal.cli
from agno_temporal.cli.exits import MEANINGS
from tests.cli.conftest import Cli

LOADED = """
import sys
from typer.testing import CliRunner
from agno_temporal.cli import app
for command in [None, *sys.argv[1:]]:
    result = CliRunner().invoke(app, [*(command or "").split(), "--help"])
    assert result.exit_code == 0, (command, result.output)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"agno", "fastapi", "httpx", "temporalio"}))
"""

STAYS = ("dev", "worker", "api")
LOOKS = ("check", "workflows", "runs", "watch", "show", "events", "pending", "doctor")
STARTS = ("run", "cancel", "unblock", "terminate", "rebuild", "delete-session")
DECIDES = ("confirm", "reject", "input", "edit", "select", "retry", "skip", "answer")
KEYS = ("keys create", "keys list", "keys revoke")
COMMANDS = (*STAYS, *LOOKS, *STARTS, *DECIDES, *KEYS)


def test_no_help_loads_anything_heavy():
    fresh = subprocess.run([sys.executable, "-c", LOADED, *COMMANDS], capture_output=True, text=True, timeout=60)
    assert fresh.returncode == 0, fresh.stderr
    assert fresh.stdout.split() == []


async def test_help_lists_every_command_and_every_exit_code(cli: Cli):
    said = await cli.ok("--help")
    for command in COMMANDS:
        assert f" {command.partition(' ')[0]} " in said
    assert "_develop" not in said
    for code, meaning in MEANINGS.items():
        assert f"{code.value}: {meaning[:40]}" in said


def test_the_table_of_exit_codes_in_the_docstring_is_the_one_that_help_shows():
    rows = [line.split(maxsplit=1) for line in agno_temporal.cli.__doc__.splitlines() if line[:1].isdigit()]
    assert rows == [[str(code.value), meaning] for code, meaning in MEANINGS.items()]


async def test_an_unknown_option_is_wrong_usage(cli: Cli):
    assert "No such option" in await cli.refused(2, "runs", "--nonsense")
