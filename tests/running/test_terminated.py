"""A run that was ended without its consent leaves nothing; whose it is stands in its history all the same."""

from __future__ import annotations

import pytest
from agno.run.base import RunStatus

from agno_temporal.client import RunNotFound
from tests.api.served import release
from tests.support import Bench


@pytest.mark.parametrize("begun", [True, False], ids=["while it waits", "before it was begun"])
async def test_it_is_found_by_its_session_and_its_user_still(bench: Bench, begun: bool) -> None:
    workflow = release()
    durable = bench.durable(workflow)
    run_id = await bench.start(workflow, "v1", session_id="team", user_id="ana", metadata={"ticket": 7})
    if begun:
        async with bench.worker(workflow):
            await bench.paused(run_id)
    await bench.client.get_workflow_handle(run_id).terminate("wrong tenant")

    run = await durable.aget_run_output(run_id, session_id="team", user_id="ana")
    assert (run.status, run.session_id, run.user_id) == (RunStatus.error, "team", "ana")
    assert (run.metadata, run.workflow_name) == ({"ticket": 7}, "release" if begun else None)
    with pytest.raises(RunNotFound):
        await durable.aget_run_output(run_id, session_id="other")


async def test_it_has_the_session_that_was_drawn_for_it(bench: Bench) -> None:
    workflow = release()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v1")
        await bench.paused(run_id)
        before = (await bench.runs.manifest(run_id)).session_id
        await bench.client.get_workflow_handle(run_id).terminate("wrong tenant")
        assert (await bench.runs.manifest(run_id)).session_id == before
