"""Temporal workflows that are none of agno's are not there: nobody reads, cancels or ends them by the API."""

from __future__ import annotations

from temporalio.client import WorkflowExecutionStatus

from tests.api.served import problem, release, served
from tests.others import Own, own_beside
from tests.support import Bench, eventually


async def test_a_workflow_of_the_users_own_is_not_found(bench: Bench) -> None:
    async with own_beside(bench, release()) as own, served(bench, release(), worker=False) as api:
        problem(await api.http.get(f"/v1/runs/{own.id}"), 404, "run-not-found")
        for what in ("cancel", "terminate", "unblock"):
            problem(await api.http.post(f"/v1/runs/{own.id}/{what}", json={}), 404, "run-not-found")
        assert (await own.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_nor_is_it_listed(bench: Bench) -> None:
    async with own_beside(bench, release()) as own, served(bench, release(), worker=False) as api:
        run_id = await api.start()
        await own.signal(Own.end)

        async def all_there() -> bool:
            return len([run async for run in bench.runs.list_runs()]) == 2

        await eventually("both to be listed", all_there)
        assert [one["run_id"] for one in (await api.get("/v1/runs"))["runs"]] == [run_id]


async def test_a_run_of_a_workflow_that_is_served_no_longer_is_there_still(bench: Bench) -> None:
    former = release(name="former")
    async with served(bench, former) as api:
        run_id = await api.start("former")
    async with bench.worker(former), served(bench, release(), worker=False) as api:
        assert (await api.get(f"/v1/runs/{run_id}"))["workflow_id"] == "former"
