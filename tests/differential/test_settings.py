"""Settings of a workflow that are about what is kept, shown or logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.media import File, Image
from agno.media.storage.local import AsyncLocalMediaStorage, LocalMediaStorage
from agno.run.agent import RunEvent
from agno.utils.log import workflow_logger
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow

from agno_temporal.agno_bridge.registry import Registry
from tests.differential.blocks import agent, flow, says, sets, tells
from tests.differential.oracle import Oracle, Recorder
from tests.support import Bench

pytestmark = pytest.mark.sweep

NOT_STREAMED: dict[str, dict[str, Any]] = {
    "store_events": {"store_events": True},
    "events_to_skip": {"store_events": True, "events_to_skip": [RunEvent.run_started]},
    "stream_executor_events": {"stream_executor_events": False},
    "description": {"description": "What it does."},
}

STORAGES: dict[str, Callable[[str], Any]] = {"storage": LocalMediaStorage, "async storage": AsyncLocalMediaStorage}


@pytest.mark.parametrize("setting", NOT_STREAMED.values(), ids=NOT_STREAMED)
async def test_a_setting_that_changes_nothing_without_streaming(oracle: Oracle, setting: dict[str, Any]) -> None:
    await oracle.agrees(lambda: flow(agent(), says("a"), **setting), "go")


@pytest.mark.parametrize("setting", [{"description": "What it does."}, {"strict_input_validation": True}])
async def test_a_setting_of_a_step_that_changes_nothing(oracle: Oracle, setting: dict[str, Any]) -> None:
    await oracle.agrees(lambda: flow(Step(name="a", agent=agent(), **setting), tells("b")), "go")


CONTAINERS: dict[str, Callable[..., Any]] = {
    "Steps": lambda **options: Steps(steps=[tells("a")], **options),
    "Loop": lambda **options: Loop(steps=[tells("a")], max_iterations=1, **options),
    "Condition": lambda **options: Condition(evaluator=True, steps=[tells("a")], **options),
    "Router": lambda **options: Router(choices=[tells("a")], **options),
    "Parallel": lambda **options: Parallel(tells("a"), **options),
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_a_description_of_a_container(oracle: Oracle, container: Callable[..., Any]) -> None:
    await oracle.agrees(lambda: flow(container(name="c", description="What it does."), tells("b")), "go")


@pytest.mark.parametrize("apart", [False, True], ids=["with their agent", "apart, as AgentOS asks for"])
async def test_hooks_run_in_their_step(bench: Bench, apart: bool) -> None:
    """Apart from it they would run in the process that asked for the run, which is not the one that runs it."""
    hooked: list[str] = []

    def hook(run_output: Any) -> None:
        hooked.append(run_output.content)

    workflow = flow(agent("Ann", post_hooks=[hook]), says("a"))
    workflow.propagate_run_hooks_in_background(apart)
    async with bench.worker(workflow):
        await bench.durable(workflow).arun("go")
    assert hooked == ["Ann (go)"]


async def kept(bench: Bench, make: Callable[[], Workflow]) -> list[Any]:
    """The media in the run's row, as agno and as this has it."""
    rows = []
    for side in ("agno", "here"):
        workflow = make()
        workflow.db, workflow.telemetry = Recorder(), False
        given: dict[str, Any] = {"images": [Image(id="i", content=b"\x89PNG\xff")], "session_id": "s"}
        if side == "agno":
            run = await workflow.arun("look", **given)
        else:
            async with bench.worker(workflow):
                run = await bench.durable(workflow).arun("look", **given)
        assert run.images
        assert run.files, "the caller's own run has its media"
        assert isinstance(workflow.db, Recorder)
        row: Any = workflow.db.run
        rows.append(media_of(row if isinstance(row, dict) else row.to_dict()))
    return rows


def media_of(row: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The media of a row and of its steps."""
    return [
        [{key: item.get(key) for key in ("id", "content", "mime_type")} for item in part.get(kind) or []]
        for part in (row, *row["step_results"])
        for kind in ("images", "files")
    ]


def draws() -> Workflow:
    return flow(tells("a"), says("b", files=[File(id="f", content=b"text", mime_type="text/plain")]), agent())


async def test_media_that_are_not_to_be_stored_are_in_no_row(bench: Bench) -> None:
    def make() -> Workflow:
        workflow = draws()
        workflow.store_media = False
        return workflow

    agnos, ours = await kept(bench, make)
    assert ours == agnos
    assert not any(ours)


@pytest.mark.parametrize("storage", STORAGES.values(), ids=STORAGES)
async def test_media_go_to_the_media_storage_and_references_into_the_row(
    bench: Bench, tmp_path: Path, storage: Callable[[str], Any]
) -> None:
    def make() -> Workflow:
        workflow = draws()
        workflow.media_storage = storage(str(tmp_path))
        return workflow

    agnos, ours = await kept(bench, make)
    assert ours == agnos
    assert ours[0] == [{"id": "i", "content": None, "mime_type": ours[0][0]["mime_type"]}]
    assert any(tmp_path.iterdir())  # noqa: ASYNC240


@pytest.mark.parametrize("overwrite", [False, True])
async def test_a_stored_session_state_is_merged_or_overwritten(bench: Bench, overwrite: bool) -> None:
    def make() -> Workflow:
        return flow(sets("s", own=1), tells("t"), overwrite_db_session_state=overwrite, telemetry=False)

    plain, mine = make(), make()
    plain.db, mine.db = InMemoryDb(), InMemoryDb()
    async with bench.worker(mine):
        runs: list[Any] = []
        for run in (plain.arun, bench.durable(mine).arun):
            await run("one", session_id="s", session_state={"n": 1, "old": True})
            runs.append((await run("two", session_id="s", session_state={"n": 2})).content)
    assert runs[0] == runs[1]
    assert ("'old'" in runs[1]) is not overwrite


def test_debug_mode_reaches_the_log_and_the_agents_of_a_worker() -> None:
    ann, level = agent(), workflow_logger.level
    try:
        Registry().add(flow(says("a"), Step(name="b", agent=ann), debug_mode=True))
        assert workflow_logger.level == logging.DEBUG
        assert ann.debug_mode
    finally:
        workflow_logger.setLevel(level)
