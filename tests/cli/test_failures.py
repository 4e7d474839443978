"""A step that failed under ``on_error="pause"``: shown with what went wrong, tried again, or left out."""

from __future__ import annotations

from pathlib import Path

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench


async def test_a_failure_is_shown_with_its_type_its_step_and_its_retries(cli: Cli, bench: Bench, tmp_path: Path):
    workflow = scenes.broken(tmp_path / "flag")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        first = await cli.ok("show", run_id)
        await cli.ok("retry", run_id)
        [asked] = await bench.paused(run_id)
        again = await cli.ok("show", run_id)
        [one] = (await cli.json("show", run_id))["pending"]
    assert "Step '1' (\"fetch\") failed. Retry it, or skip 'fetch'?" in first
    assert "ValueError: no such release\n  It was not retried yet.\n" in first
    assert "It was retried once.\n" in again
    assert f"agno-temporal retry {run_id} {asked.requirement.id}\n" in again
    assert f"agno-temporal skip {run_id} {asked.requirement.id}\n" in again
    assert "A rejection" not in again
    assert (one["error_type"], one["error"], one["retry_count"]) == ("ValueError", "no such release", 1)


async def test_a_retry_repeats_the_step_that_was_mended(cli: Cli, bench: Bench, tmp_path: Path):
    workflow = scenes.broken(tmp_path / "flag")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        (tmp_path / "flag").touch()
        await cli.ok("retry", run_id, "fetch", "--by", "ben")
        await bench.ended(run_id)
        run = await cli.json("show", run_id)
    assert [(step["name"], step["state"], step["times"]) for step in run["steps"]] == [
        ("build", "done", 1),
        ("fetch", "done", 2),
        ("tell", "done", 1),
    ]


async def test_a_skip_leaves_the_failed_step_out(cli: Cli, bench: Bench, tmp_path: Path):
    workflow = scenes.broken(tmp_path / "flag")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        assert (await cli.ok("skip", run_id)).endswith(": step 'fetch' skipped by ana.\n")
        await bench.ended(run_id)
        run = await cli.json("show", run_id)
    assert [step["state"] for step in run["steps"]] == ["done", "skipped", "done"]
