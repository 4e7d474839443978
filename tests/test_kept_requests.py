"""The requests that a worker keeps for the steps of its runs: few megabytes of them, however large they are."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import pytest
from temporalio.testing import ActivityEnvironment

from agno_temporal.activities import host as host_module
from agno_temporal.activities.cache import BodyCache
from agno_temporal.activities.host import Host
from agno_temporal.activities.threads import Threads
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import RunFacts


class Requests:
    """Steps of one worker that ask for their run's request. `read` has those that were read from a history."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        self._sizes: dict[str, int] = {}
        monkeypatch.setattr(host_module, "read_request", self._read)
        self._host = Host(Registry(), Threads(1), BodyCache())

    async def of(self, run_id: str, size: int) -> None:
        self._sizes[run_id] = size
        environment = ActivityEnvironment(client=Mock())
        environment.info = replace(environment.info, workflow_run_id=run_id)
        request = await environment.run(self._host.request, RunFacts(run_id))
        assert len(request.input) == size

    async def _read(self, client: object, workflow_id: str, run_id: str) -> RunRequest:
        self.read.append(run_id)
        return RunRequest(input="x" * self._sizes[run_id])


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    return Requests(monkeypatch)


async def test_the_steps_of_a_run_read_its_request_once(requests: Requests) -> None:
    await requests.of("run", 1_000_000)
    await requests.of("run", 1_000_000)

    assert requests.read == ["run"]


async def test_large_requests_make_room_for_each_other(requests: Requests) -> None:
    for name in ("first", "second", "third", "third", "first"):
        await requests.of(name, 3_000_000)

    assert requests.read == ["first", "second", "third", "first"]


async def test_one_that_is_larger_than_there_is_room_for_is_not_kept(requests: Requests) -> None:
    for name in ("small", "large", "large", "small"):
        await requests.of(name, 9_000_000 if name == "large" else 1000)

    assert requests.read == ["small", "large", "large"]
