"""Where a command is started: a directory that is gone since, and a machine that lets nobody keep files for a while."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.dev import APP, free_port
from tests.cli.processes import COMMAND, Process

GONE = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); "
NOWHERE = "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/nowhere']; "


def dev() -> tuple[str, ...]:
    return ("dev", "app.py", "--port", str(free_port()), "--api-port", str(free_port()), "--no-ui")


@pytest.mark.parametrize("command", ["check app.py", "check app", "api app.py", "dev"])
async def test_a_directory_that_is_gone_is_wrong_usage(tmp_path: Path, command: str) -> None:
    arguments = dev() if command == "dev" else command.split()
    process = Process("-P", "-c", GONE + COMMAND, *arguments, directory=tmp_path)

    assert await process.ended() == 2, process.said
    assert process.said == "Error: The directory that this was started in is gone. Start it in one that is there.\n"


async def test_without_a_place_for_temporary_files_dev_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    process = Process("-P", "-c", NOWHERE + COMMAND, *dev(), directory=tmp_path)

    assert await process.ended() == 2, process.said
    assert "Error: No temporary directory can be made (" in process.said
    assert "Set TMPDIR to a directory that can be written." in process.said
