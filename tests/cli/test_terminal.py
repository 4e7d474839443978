"""At a terminal: a run is drawn as it goes on, an edit opens an editor, and Ctrl-C leaves everything as it was."""

from __future__ import annotations

import asyncio
from pathlib import Path

from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.cli.terminal import Terminal
from tests.cli.test_lists import open_runs
from tests.support import Bench

KEPT = """
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

kept = Workflow(name="kept", db=SqliteDb(db_file="kept.db"), steps=[Step(name="a", executor=lambda _: "done")])
"""


def stored(directory: Path) -> Workflow:
    """The workflow of `KEPT` in that directory."""
    db = SqliteDb(db_file=str(directory / "kept.db"))
    return Workflow(name="kept", db=db, steps=[Step(name="a", executor=lambda _: "done")])


async def test_a_run_is_drawn_as_it_goes_on_and_ctrl_c_leaves_it_going(cli: Cli, bench: Bench, tmp_path: Path):
    run_id = await bench.start(scenes.gated(), "v2")
    watching = Terminal("watch", run_id, directory=tmp_path, environment=cli.environment)
    await watching.says("No worker answers for it; the run is kept.")
    watching.type("\x03")
    assert await watching.ended() == 130
    assert f"Run {run_id} goes on." in " ".join(watching.said.split())
    assert watching.raw.rstrip().endswith("ends it.")
    assert "\x1b[?25h" in watching.raw.rpartition("\x1b[?25l")[2]


async def test_the_last_picture_stays_and_fits_80_columns(cli: Cli, bench: Bench, tmp_path: Path):
    command = ("run", "simple", "--input", "v2", "--run-id", bench.task_queue)
    running = Terminal(*command, directory=tmp_path, environment=cli.environment)
    await running.says("No worker polls task queue")
    async with bench.worker(scenes.simple()):
        assert await running.ended() == 0
    assert running.said.rstrip().endswith("Content:\ndid v2")
    assert max(map(len, running.said.splitlines())) <= 80


async def test_an_edit_opens_the_output_in_an_editor(cli: Cli, bench: Bench, tmp_path: Path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/did/improved/' \"$1\"\n")
    editor.chmod(0o755)
    environment = {**cli.environment, "EDITOR": str(editor)}
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        await bench.paused(run_id)
        unchanged = Terminal("edit", run_id, directory=tmp_path, environment={**cli.environment, "EDITOR": "true"})
        assert await unchanged.ended() == 0
        assert "nothing is decided" in unchanged.said
        edited = Terminal("edit", run_id, directory=tmp_path, environment=environment)
        assert await edited.ended() == 0, edited.said
        await bench.ended(run_id)
        assert (await cli.json("show", run_id))["content"] == "improved v2"


async def test_an_edit_that_is_no_utf_8_is_kept(cli: Cli, bench: Bench, tmp_path: Path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf 'caf\\351' > \"$1\"\n")
    editor.chmod(0o755)
    environment = {**cli.environment, "EDITOR": str(editor), "TMPDIR": str(tmp_path)}
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        await bench.paused(run_id)
        edited = Terminal("edit", run_id, directory=tmp_path, environment=environment)
        assert await edited.ended() == 2
    assert "nothing is decided, and the text is in" in " ".join(edited.said.split())
    [kept] = [file.read_bytes() for file in tmp_path.rglob("output.txt")]  # noqa: ASYNC240
    assert kept == b"caf\351"


async def test_termination_asks_and_says_what_it_loses(cli: Cli, bench: Bench, tmp_path: Path):
    run_id = await bench.start(scenes.gated(), "v2")
    asking = Terminal("terminate", run_id, directory=tmp_path, environment=cli.environment)
    await asking.says("Terminate it? [y/N]:")
    assert "loses what its steps are doing now" in " ".join(asking.said.split())
    asking.type("n\n")
    assert await asking.ended() == 0
    assert (await bench.runs.client.get_workflow_handle(run_id).describe()).status.name == "RUNNING"


async def test_ctrl_d_where_a_yes_is_asked_for_interrupts(cli: Cli, bench: Bench, tmp_path: Path):
    run_id = await bench.start(scenes.gated(), "v2")
    asking = Terminal("terminate", run_id, directory=tmp_path, environment=cli.environment)
    await asking.says("Terminate it? [y/N]:")
    asking.type("\x04")
    assert await asking.ended() == 130
    assert (await bench.runs.client.get_workflow_handle(run_id).describe()).status.name == "RUNNING"


async def test_ctrl_c_at_the_question_whether_to_terminate_ends_the_command_at_once(
    cli: Cli, bench: Bench, tmp_path: Path
):
    run_id = await bench.start(scenes.gated(), "v2")
    asking = Terminal("terminate", run_id, directory=tmp_path, environment=cli.environment)
    await asking.says("Terminate it? [y/N]:")
    asking.type("\x03")
    async with asyncio.timeout(4):
        assert await asking.ended() == 130
    assert (await bench.runs.client.get_workflow_handle(run_id).describe()).status.name == "RUNNING"


async def test_deleting_a_session_asks_and_says_that_nothing_brings_it_back(cli: Cli, bench: Bench, tmp_path: Path):
    (tmp_path / "kept.py").write_text(KEPT)
    kept = stored(tmp_path)
    async with bench.worker(kept):
        await bench.ended(await bench.start(kept, "v2", session_id="s-1"))
    for answer, is_left in (("n\n", True), ("y\n", False)):
        asking = Terminal("delete-session", "s-1", "kept.py", directory=tmp_path, environment=cli.environment)
        await asking.says("Delete it? [y/N]:")
        assert "nothing brings it back" in " ".join(asking.said.split())
        asking.type(answer)
        assert await asking.ended() == 0, asking.said
        assert (kept.get_session("s-1") is not None) is is_left


async def test_what_waits_is_drawn_anew(cli: Cli, bench: Bench, tmp_path: Path):
    async with bench.worker(scenes.gated()):
        watching = Terminal("pending", "--watch", directory=tmp_path, environment=cli.environment)
        await watching.says("Nothing waits for a person.")
        run_id = await bench.start(scenes.gated(), "v2")
        await watching.says("ship of gated waits for confirmation")
        await bench.paused(run_id)
        watching.type("\x03")
        assert await watching.ended() == 130
    assert "Traceback" not in watching.said


async def test_what_is_missing_is_drawn_with_what_waits(cli: Cli, bench: Bench, tmp_path: Path):
    for _ in range(2):
        await bench.start(scenes.gated(), "v2")
    await open_runs(bench, 2)
    watching = Terminal("pending", "--watch", "--limit", "1", directory=tmp_path, environment=cli.environment)
    await watching.says("There is more than these 1: --limit.")
    await watching.says("No worker answered for 1 open run;")
    watching.type("\x03")
    assert await watching.ended() == 130
    assert "Nothing waits for a person." not in watching.said
