"""A worker that is told to stop gives up what does not finish in time: another one runs it again, as after a crash."""

from __future__ import annotations

import signal

import pytest
from agno.run.base import RunStatus

from agno_temporal.contract.request import RunRequest
from tests.cli.processes import Process
from tests.operations.app import App
from tests.support import Bench, eventually

IMPATIENT = """
from datetime import timedelta

import agno_temporal.worker as it

it.GRACE = timedelta(seconds=0.2)
it.leave(it.main(["app.py"]))
"""


@pytest.mark.slow
async def test_a_step_that_outlasts_its_worker_is_run_by_another_and_uses_up_no_retry(app: App, bench: Bench) -> None:
    source = (app.directory / "app.py").read_text()
    (app.directory / "app.py").write_text(source.replace("executor=hold", "executor=hold, max_retries=0"))
    (app.directory / "impatient.py").write_text(IMPATIENT)
    runs = Bench(bench.client, app.queue)
    first = Process("impatient.py", directory=app.directory, environment=app.environment)
    try:
        await first.says("ready:")
        await runs.runs.start("held", RunRequest(input="x"), app.queue)

        async def begun() -> bool:
            return (app.directory / "begun").exists()

        await eventually("the step to begin", begun)
        first.signal(signal.SIGTERM)
        code = await first.ended()
        (app.directory / "go-on").touch()
        await app.worker()
        run = await runs.ended(app.queue)
    finally:
        first.kill()

    assert code == 0
    assert run.status == RunStatus.completed.value
    assert (await runs.runs.run_output(app.queue)).content == "held"
