"""Each released version has its histories, which never change; and the newest group has all that there is to replay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import ExecuteWorkflowInput, Interceptor, Replayer, WorkflowInboundInterceptor

from agno_temporal.contract.manifest import Manifest
from agno_temporal.hitl import Actor, Kind
from agno_temporal.plan import Node, Plan, walk
from agno_temporal.plan.data import from_json
from agno_temporal.workflows.definition import AgnoRun
from agno_temporal.workflows.delivery import AgnoDelivery
from agno_temporal.workflows.uninterrupted import Uninterrupted
from tests.replay import groups
from tests.replay.corpus import NEWEST, history_of
from tests.replay.groups import HISTORIES, changed, is_sealed, own_version, released, seal, versions
from tests.replay.record import RECORDINGS

NODES = {cls.KIND for cls in get_args(Node)}


def test_every_released_version_has_its_histories_and_they_are_as_they_were() -> None:
    """Whoever changes one would test nothing with it: the runs that it stands for do not change."""
    assert [version for version in versions() if is_sealed(HISTORIES / version)] == released()
    assert {version: changed(HISTORIES / version) for version in released()} == {one: [] for one in released()}


def test_there_is_one_group_that_is_still_written_to_that_of_the_next_version() -> None:
    open_ones = [version for version in versions() if version not in released()]
    assert open_ones == ([] if own_version() in released() else [own_version()])
    assert versions()[-1] == own_version()


def test_every_history_stands_in_a_group() -> None:
    """A new one is recorded into its group by `python -m tests.replay.record`."""
    assert [file.name for file in HISTORIES.iterdir() if not (file.is_dir() and re.fullmatch(r"\d.*", file.name))] == []


def test_every_recording_has_its_history_in_the_newest_group() -> None:
    assert sorted(RECORDINGS.keys() - NEWEST.keys()) == []


def test_a_sealed_history_that_is_changed_removed_or_added_is_named(tmp_path: Path) -> None:
    for name in ("same", "changed", "removed"):
        (tmp_path / f"{name}.json").write_text(name)
    seal(tmp_path)
    assert changed(tmp_path) == []
    (tmp_path / "changed.json").write_text("else")
    (tmp_path / "removed.json").unlink()
    (tmp_path / "added.json").write_text("new")
    assert changed(tmp_path) == ["added.json", "changed.json", "removed.json"]
    with pytest.raises(ValueError, match="open somewhere"):
        seal(tmp_path)


def test_versions_are_ordered_by_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ("0.10.0", "0.9.1", "1.0.0"):
        (tmp_path / version).mkdir()
    monkeypatch.setattr(groups, "HISTORIES", tmp_path)
    assert versions() == ["0.9.1", "0.10.0", "1.0.0"]


async def test_the_newest_group_has_every_kind_of_node_and_every_kind_of_pause_however_it_is_decided() -> None:
    nodes, pauses = set(), set()
    for name in NEWEST.values():
        history = history_of(name)
        run = await replayed(history)
        if run is not None and run.plan is not None:
            nodes |= {node.KIND for node in walk(run.plan.steps)}
            pauses |= set(ways(run.manifest, history))
    assert nodes == NODES
    assert {(kind, way) for kind in Kind for way in ("open", "update", "signal", "timer")} - pauses == set()


def ways(manifest: Manifest, history: WorkflowHistory) -> Iterator[tuple[Kind, str]]:
    """How each question of a run was closed, or that it is open. What the replay closes when it ends was open."""
    by_signal = any(event.HasField("workflow_execution_signaled_event_attributes") for event in history.events)
    for asked in manifest.asked:
        kind, resolution = asked.requirement.kind, asked.resolution
        if resolution is None or resolution.decision.decided_by == Actor.CANCEL:
            yield kind, "open"
        elif resolution.decision.decided_by == Actor.TIMER:
            yield kind, "timer"
        else:
            yield kind, "signal" if by_signal else "update"


class Replayed:
    def __init__(self, run: AgnoRun) -> None:
        self.plan: Plan | None = run._state.plan
        self.manifest = from_json(Manifest, run.run_output())


async def replayed(history: WorkflowHistory) -> Replayed | None:
    """A run as its history leaves it; None for a delivery."""
    keeper = Keeper()
    replayer = Replayer(
        workflows=[AgnoRun, AgnoDelivery], interceptors=[keeper], unsandboxed_workflow_runner=Uninterrupted()
    )
    await replayer.replay_workflow(history)
    return Replayed(keeper.run) if isinstance(keeper.run, AgnoRun) else None


class Keeper(Interceptor):
    run: object = None

    def workflow_interceptor_class(self, input: object) -> type[WorkflowInboundInterceptor]:
        keeper = self

        class Keeping(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> object:
                keeper.run = workflow.instance()
                return await super().execute_workflow(input)

        return Keeping
