"""Empty texts: a script's variable that was never set names nothing, and is refused before anything happens."""

from __future__ import annotations

import pytest

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench

NAMES_NOTHING = {
    ("run", "simple", "--run-id", ""): "--run-id",
    ("run", "simple", "--api", ""): "--api",
    ("terminate", "run-1", "--yes", "--api", ""): "--api",
    ("runs", "--address", ""): "--address",
    ("confirm", "run-1", "--decision-id", ""): "--decision-id",
    ("confirm", "run-1", "--by", ""): "--by",
    ("confirm", "run-1", ""): "REQUIREMENT",
    ("show", ""): "RUN_ID",
    ("rebuild", "", "app.py"): "[RUN_ID] APP...",
    ("keys", "create", "ci", "--scope", "read", "--user", ""): "--user",
}


@pytest.mark.parametrize("command", NAMES_NOTHING)
async def test_an_empty_name_is_wrong_usage(cli: Cli, command: tuple[str, ...]):
    said = await cli.refused(2, *command)
    assert f"Invalid value for '{NAMES_NOTHING[command]}': It is empty. Is a variable not set?" in said


async def test_an_empty_input_is_an_input(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        assert (await cli.json("run", "simple", "--input", ""))["input"] == ""


async def test_an_empty_text_may_take_the_place_of_an_output(cli: Cli, bench: Bench):
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        await bench.paused(run_id)
        await cli.ok("edit", run_id, "--text", "")
        await bench.ended(run_id)
        assert (await cli.json("show", run_id))["content"] == ""
