"""Large payloads in files: runs that would not fit into Temporal, and what is said where a file is lost."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agno.workflow import Parallel, Step, Workflow
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
)

from agno_temporal.connect.bad_setting import BadSetting
from agno_temporal.connect.blobs import BlobLost, FileStorage
from agno_temporal.connect.data import data_converter_from_environment
from agno_temporal.contract.sealed import Unreadable
from agno_temporal.hitl import Action, Decision
from tests.data.scenes import GATE, OLD, converter, converting
from tests.support import Bench, eventually

PAYLOAD = Payload(metadata={"encoding": b"json/plain"}, data=b'"a secret"')
READING = StorageDriverRetrieveContext()


def of(workflow_id: str) -> StorageDriverStoreContext:
    return StorageDriverStoreContext(StorageDriverWorkflowInfo(namespace="default", id=workflow_id))


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


async def test_a_payload_is_written_once_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "blobs")
    first, second = [(await storage.store(of("run-1"), [PAYLOAD]))[0] for _ in range(2)]
    (file,) = files(tmp_path)
    assert first == second
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700
    assert await storage.retrieve(READING, [first]) == [PAYLOAD]


@pytest.mark.parametrize("workflow_id", ["../../outside", "/etc", "a/b", ".", "..", "x" * 300, "\x00", "\ud800", "a b"])
async def test_no_id_leads_out_of_the_directory(tmp_path: Path, workflow_id: str) -> None:
    storage = FileStorage(tmp_path / "blobs")
    (claim,) = await storage.store(of(workflow_id), [PAYLOAD])
    (file,) = files(tmp_path)
    assert file.parent.parent.parent == tmp_path / "blobs"
    assert await storage.retrieve(READING, [claim]) == [PAYLOAD]


@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"owner": "default/run-1"},
        {"owner": "../..", "sha256": "0" * 64},
        {"owner": "default/../..", "sha256": "0" * 64},
        {"owner": "/etc/x", "sha256": "0" * 64},
        {"owner": "default/run-1", "sha256": "../../passwd"},
    ],
)
async def test_no_reference_leads_out_of_the_directory(tmp_path: Path, claim: dict[str, str]) -> None:
    with pytest.raises(BlobLost, match="no reference"):
        await FileStorage(tmp_path).retrieve(READING, [StorageDriverClaim(claim)])


async def test_what_was_changed_is_not_read(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path)
    (claim,) = await storage.store(of("run-1"), [PAYLOAD])
    files(tmp_path)[0].write_bytes(b"other")
    with pytest.raises(BlobLost, match="was changed"):
        await storage.retrieve(READING, [claim])


def test_the_environment_says_where_it_is(tmp_path: Path) -> None:
    environment = {
        "AGNO_TEMPORAL_EXTERNAL_STORAGE": tmp_path.as_uri(),
        "AGNO_TEMPORAL_EXTERNAL_STORAGE_THRESHOLD": "5000",
    }
    made = data_converter_from_environment(environment=environment)
    assert made.external_storage is not None
    (driver,) = made.external_storage.drivers
    assert isinstance(driver, FileStorage)
    assert (driver.directory, made.external_storage.payload_size_threshold) == (tmp_path, 5000)


@pytest.mark.parametrize("url", ["/var/blobs", "file://host/blobs", "http://x", "s3://", "s3://bucket/prefix", "file:"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="is none of"):
        data_converter_from_environment(environment={"AGNO_TEMPORAL_EXTERNAL_STORAGE": url})


@pytest.mark.parametrize("threshold", ["0", "x", "-1", "5000000"])
def test_another_threshold_is_refused(threshold: str, tmp_path: Path) -> None:
    environment = {
        "AGNO_TEMPORAL_EXTERNAL_STORAGE": tmp_path.as_uri(),
        "AGNO_TEMPORAL_EXTERNAL_STORAGE_THRESHOLD": threshold,
    }
    with pytest.raises(BadSetting, match="THRESHOLD"):
        data_converter_from_environment(environment=environment)


def test_a_threshold_of_no_storage_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"_THRESHOLD is set.*Set AGNO_TEMPORAL_EXTERNAL_STORAGE\."):
        data_converter_from_environment(environment={"AGNO_TEMPORAL_EXTERNAL_STORAGE_THRESHOLD": "5000"})


def large() -> Workflow:
    """Outputs of 20 MB, one of them beside another, and what is made of them behind a gate."""

    def measured(step_input: Any) -> str:
        return f"{len(step_input.get_step_content('one'))} and {len(step_input.get_step_content('beside'))}"

    one = Step(name="one", executor=lambda _: "x" * 20_000_000)
    beside = Step(name="beside", executor=lambda _: "secret" * 1_000_000)
    small = Step(name="small", executor=lambda _: "y")
    last = Step(name="last", executor=measured, human_review=GATE)
    return Workflow(name="large", steps=[one, Parallel(beside, small, name="both"), last])


@pytest.fixture(params=[{}, OLD], ids=["plain", "encrypted"])
def stored(request: pytest.FixtureRequest, bench: Bench, tmp_path: Path) -> Iterator[Bench]:
    """A bench that stores in files, and what they hold is looked at in the end."""
    yield converting(bench, converter(request.param, tmp_path))
    if request.param:
        assert [path for path in files(tmp_path) if b"secretsecret" in path.read_bytes()] == []


@pytest.mark.slow
async def test_a_run_with_outputs_of_20_mb_pauses_goes_on_elsewhere_and_is_read_whole(
    stored: Bench, tmp_path: Path
) -> None:
    workflow = large()
    async with stored.worker(workflow):
        run_id = await stored.start(workflow, "x")
        (asked,) = await stored.paused(run_id)
    async with stored.worker(workflow):
        await stored.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await stored.ended(run_id)
    run = await stored.runs.run_output(run_id)
    assert run.content == "20000000 and 6000000"
    assert len(run.step_results[0].content) == 20_000_000
    assert [type(event).__name__ async for _, event in stored.runs.events(run_id)][-1] == "WorkflowCompletedEvent"
    history = await stored.client.get_workflow_handle(run_id).fetch_history()
    assert sum(event.ByteSize() for event in history.events) < 100_000
    assert all(run_id in str(path) for path in files(tmp_path))


async def test_a_step_whose_input_is_lost_is_blocked_with_the_file_and_goes_on_when_it_is_back(
    bench: Bench, tmp_path: Path
) -> None:
    stored = converting(bench, converter({}, tmp_path / "blobs", threshold=10_000))
    steps = [
        Step(name="one", executor=lambda _: "x" * 20_000),
        Step(name="last", executor=lambda given: f"{len(given.previous_step_content)}", human_review=GATE),
    ]
    workflow = Workflow(name="losing", steps=steps)
    async with stored.worker(workflow):
        run_id = await stored.start(workflow, "x")
        (asked,) = await stored.paused(run_id)
        (file,) = files(tmp_path)
        file.rename(tmp_path / "away")
        with pytest.raises(Unreadable, match=rf"What 0#1 of run '{run_id}' answered cannot be read: .*{file.name}"):
            await stored.runs.run_output(run_id)
    async with stored.worker(workflow):
        await stored.runs.signal(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        (blocked,) = await eventually("the run to be blocked", lambda: stored.runs.blocked(run_id))
        assert str(file) in blocked.reason
        assert f"workflow '{run_id}' is not there" in blocked.reason
        (tmp_path / "away").rename(file)
        await stored.ended(run_id)
    assert (await stored.runs.run_output(run_id)).content == "20000"


@pytest.mark.slow
async def test_a_process_without_the_storage_waits_and_says_so(bench: Bench, tmp_path: Path) -> None:
    stored = converting(bench, converter({}, tmp_path, threshold=1_000))
    workflow = Workflow(name="w", steps=[Step(name="a", executor=lambda _: "done", human_review=GATE)])
    run_id = await stored.start(workflow, "x" * 2_000)
    async with bench.worker(workflow):
        (blocked,) = await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id))
        assert "external storage is not configured" in blocked.reason
    async with stored.worker(workflow):
        await stored.paused(run_id)
