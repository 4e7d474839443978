"""AgentOS and the worker are killed, and a client of AgentOS loses nothing: no run, no event, no decision."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.agentos.killed import ApiProcess
from tests.agentos.serving import Frame, Site, frames, names, numbers, patient, place
from tests.crash.journal import Journal
from tests.crash.processes import WorkerProcess
from tests.ports import lasting_port

pytestmark = pytest.mark.slow


@dataclass
class Wreck:
    """An AgentOS and workers to be killed, and the run's journal."""

    api: ApiProcess
    journal: Journal
    address: str
    queue: str
    workers: list[WorkerProcess] = field(default_factory=list)

    async def work(self) -> WorkerProcess:
        worker = WorkerProcess(self.address, self.queue, "tests.agentos.killed:plugin")
        self.workers.append(worker)
        return await worker.start()

    def close(self) -> None:
        self.api.kill()
        for worker in self.workers:
            worker.kill()


@pytest.fixture
def wreck(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wreck]:
    monkeypatch.setenv("TESTS_AGENTOS_DB", str(tmp_path / "runs.db"))
    port = lasting_port()
    queue = f"agentos-{uuid.uuid4()}"
    wreck = Wreck(ApiProcess(server, queue, port), Journal(tmp_path), server, queue)
    yield wreck
    wreck.close()


@pytest.fixture
async def site(wreck: Wreck) -> AsyncIterator[Site]:
    async with patient(wreck.api.url) as http:
        yield Site(wreck.api.url, None, http)  # type: ignore[arg-type]


async def test_killed_in_a_step_the_run_goes_on_and_is_followed_without_a_gap(wreck: Wreck, site: Site) -> None:
    await wreck.api.start()
    worker = await wreck.work()
    run_id = f"run-{uuid.uuid4()}"
    form = {"message": str(wreck.journal.directory), "run_id": run_id, "session_id": "s", "background": "true"}
    run = {"workflow_id": "killed", "run_id": run_id, "session_id": "s"}

    told: list[Frame] = []
    async with site.http.stream("POST", "/workflows/killed/runs", data=form) as answer:
        async for frame in frames(answer):
            told.append(frame)
            if frame[0] == "StepStarted" and frame[1]["step_name"] == "held":
                await wreck.journal.seen("began", "1#1")
                break
    wreck.api.kill()
    worker.kill()
    wreck.journal.release()
    await wreck.api.start()
    await wreck.work()
    last = str(numbers(told)[-1])
    resumed = await site.stream(f"{place(run)}/resume", last_event_index=last, session_id="s")
    assert numbers([*told, *resumed]) == list(range(len(numbers([*told, *resumed]))))
    # The run may have gone on between the route's look at it and what it tells then: it says "subscribed" behind that.
    assert [name for name in names(resumed) if name != "subscribed"][-1] == "WorkflowPaused"

    paused = (await site.found(run)).json()
    answer = {"step_id": paused["step_requirements"][0]["step_id"], "confirmed": True}
    ended = await site.go_on(paused, answer)
    assert (ended.status_code, ended.json()["status"]) == (200, "COMPLETED")
    assert wreck.journal.steps("ended") == ["1#1"]
    assert [step for step in wreck.journal.steps("began") if step != "1#1"] == ["0#1", "2#1", "3#1"]
