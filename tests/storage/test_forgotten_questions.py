"""A question that was written, and that its run does not know any more.

A workflow task may be lost behind the write: its worker stood still for too long, or was killed. If a cancel comes with
the next one, the run never asks. Then nobody would take the question out of the lists of what waits.
"""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import Client

from agno_temporal.hitl import Requirement
from agno_temporal.workflows.notices import Notices
from tests.running.tools import replays
from tests.support import Bench


class StandsStill:
    """A worker that stands still once, for longer than a workflow task may take, while the run is cancelled."""

    def __init__(self, client: Client, run_id: str) -> None:
        self._place = client.service_client.config.target_host, client.namespace
        self._run_id = run_id
        self._stood = False

    def stand(self) -> None:
        if not self._stood:
            self._stood = True
            cancelling = threading.Thread(target=lambda: asyncio.run(self._cancel()))
            cancelling.start()
            time.sleep(1.8)
            cancelling.join()

    async def _cancel(self) -> None:
        address, namespace = self._place
        client = await Client.connect(address, namespace=namespace)
        await client.get_workflow_handle(self._run_id).cancel()


@pytest.mark.parametrize("before", [[], ["a"]], ids=["asks at once", "asks behind a step"])
async def test_it_is_closed_with_its_run(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: list[str]
) -> None:
    run_id = f"run-{bench.task_queue}"
    worker = StandsStill(bench.client, run_id)
    opened = Notices.opened

    def held(notices: Notices, requirement: Requirement) -> None:
        """It is called when the question was written."""
        worker.stand()
        opened(notices, requirement)

    monkeypatch.setattr(Notices, "opened", held)
    database = SqliteDb(db_file=str(tmp_path / "agno.db"))
    gate = Step(name="gate", executor=_ran, human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="asks", steps=[*(Step(name=name, executor=_ran) for name in before), gate], db=database)
    async with bench.worker(workflow):
        await bench.start_in_short_tasks("asks", run_id)
        run = await bench.ended(run_id)

    assert (run.status, run.asked) == ("CANCELLED", ())
    rows, _ = database.get_approvals(run_id=run_id)
    assert [(row["status"], row["run_status"]) for row in rows] == [("cancelled", "CANCELLED")]
    await replays(bench.client, run_id)


def _ran(step_input: Any) -> str:
    return "ran"
