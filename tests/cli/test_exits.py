"""What a command ends with where code that it calls ends the process: its code, or its words and 1, as a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.processes import Process

LEAVES = "import sys; from agno_temporal.cli import app, main; app.command('leaves')(lambda: sys.exit({})); main()"


@pytest.mark.parametrize(
    ("given", "code", "said"), [("'no key'", 1, "no key\n"), ("None", 0, ""), ("0", 0, ""), ("3", 3, "")]
)
async def test_a_command_that_is_ended_from_within_ends_as_a_script_does(
    tmp_path: Path, given: str, code: int, said: str
):
    process = Process("-c", LEAVES.format(given), "leaves", directory=tmp_path)
    assert (await process.ended(), process.said) == (code, said)
