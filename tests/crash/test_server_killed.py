"""The Temporal server is killed and comes back with its database: the run goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.conftest import Scene
from tests.crash.processes import ServerProcess, server_on_file

pytestmark = pytest.mark.slow

UNDISTURBED = "c, after b, after a, after None"


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[ServerProcess]:
    with server_on_file(tmp_path) as server:
        yield server


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "journal").mkdir()
    return tmp_path / "journal"


async def test_killed_while_a_gate_is_open_it_still_takes_the_decision(mortal: ServerProcess, directory: Path) -> None:
    scene = Scene(await mortal.start(), directory)
    worker = scene.worker("gate", mortal.address)
    scene.journal.release()
    await worker.start()
    await scene.start()
    before = await scene.bench.paused(scene.run_id)
    mortal.kill()
    await mortal.start()
    assert await scene.bench.paused(scene.run_id) == before
    await scene.confirm()
    assert await scene.content() == UNDISTURBED
    assert scene.journal.steps("ended") == ["0#1", "1#1", "2#1"]
    scene.close()


async def test_killed_during_a_step_it_takes_the_steps_result(mortal: ServerProcess, directory: Path) -> None:
    """The step does not notice that the server was away."""
    scene = Scene(await mortal.start(), directory)
    worker = scene.worker("three", mortal.address)
    await worker.start()
    await scene.start()
    await scene.journal.seen("began", "1#1")
    mortal.kill()
    await mortal.start()
    scene.journal.release()
    assert await scene.content() == UNDISTURBED
    assert scene.journal.steps("began") == ["0#1", "1#1", "2#1"]
    scene.close()
