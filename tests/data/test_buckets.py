"""Large payloads in buckets, by AWS' and Google's own SDKs, against a server that stands in for theirs."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine, Iterator
from typing import Any

import aiohttp
import pytest
from agno.workflow import Step, Workflow
from temporalio.api.common.v1 import Payload
from temporalio.converter import StorageDriver, StorageDriverStoreContext, StorageDriverWorkflowInfo

from agno_temporal.connect.data import data_converter_from_environment, driver_at
from agno_temporal.contract.sealed import Unreadable
from agno_temporal.hitl import Action, Decision
from tests.data.buckets import BUCKET, Buckets, serving
from tests.data.scenes import GATE, converting
from tests.support import Bench, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(params=["s3", "gs"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Buckets]:
    with serving() as found:
        for name, value in found.environment().items():
            monkeypatch.setenv(name, value)
        yield found


def storing(bench: Bench, scheme: str) -> Bench:
    """The same queue, by way of the bucket."""
    environment = {
        "AGNO_TEMPORAL_EXTERNAL_STORAGE": f"{scheme}://{BUCKET}",
        "AGNO_TEMPORAL_EXTERNAL_STORAGE_THRESHOLD": "10000",
    }
    return converting(bench, data_converter_from_environment(environment=environment))


def losing() -> Workflow:
    steps = [
        Step(name="one", executor=lambda _: "x" * 20_000),
        Step(name="last", executor=lambda given: f"{len(given.previous_step_content)}", human_review=GATE),
    ]
    return Workflow(name="losing", steps=steps)


async def test_a_run_is_stored_there_and_what_is_lost_blocks_it_by_name_until_it_is_back(
    bench: Bench, scheme: str, buckets: Buckets
) -> None:
    first, second = storing(bench, scheme), storing(bench, scheme)
    async with first.worker(losing()):
        run_id = await first.start(losing(), "x")
        (asked,) = await first.paused(run_id)
        ((name, stored),) = buckets.objects.items()
        buckets.objects.clear()
        with pytest.raises(Unreadable, match=rf"cannot be read: .*{BUCKET}"):
            await first.runs.run_output(run_id)
    assert name.startswith(f"v0/ns/default/wt/losing/wi/{run_id}/")
    async with second.worker(losing()):
        await second.runs.signal(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        (blocked,) = await eventually("the run to be blocked", lambda: second.runs.blocked(run_id))
        buckets.objects[name] = stored
        await second.ended(run_id)
    assert BUCKET in blocked.reason
    assert name in blocked.reason
    assert (await second.runs.run_output(run_id)).content == "20000"


async def stored(driver: StorageDriver) -> None:
    where = StorageDriverStoreContext(StorageDriverWorkflowInfo(namespace="default", id="run-1"))
    await driver.store(where, [Payload(data=b"x" * 20_000)])


async def test_a_bucket_that_is_not_there_and_a_server_that_is_not_are_named(
    scheme: str, buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RuntimeError, match=r"store failed.*bucket=nobodys"):
        await stored(driver_at(f"{scheme}://nobodys"))
    for name in ("AWS_ENDPOINT_URL", "STORAGE_EMULATOR_HOST"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(RuntimeError, match=rf"store failed.*bucket={BUCKET}"):
        await stored(driver_at(f"{scheme}://{BUCKET}"))


def sessions() -> int:
    gc.collect()
    return sum(type(one) is aiohttp.ClientSession for one in gc.get_objects())


def run_on_a_loop_that_is_just_closed(work: Coroutine[Any, Any, None]) -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(work)
    loop.close()


@pytest.mark.parametrize("run", [asyncio.run, run_on_a_loop_that_is_just_closed])
def test_loops_that_have_ended_leave_no_session(
    scheme: str, buckets: Buckets, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    driver = driver_at(f"{scheme}://{BUCKET}")
    before = sessions()
    caplog.clear()  # Of what other tests have left.
    for _ in range(10):
        run(stored(driver))

    assert sessions() <= before + 1
    assert "Unclosed" not in caplog.text
