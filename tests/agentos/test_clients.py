"""agno's own clients, unmodified, run whole rounds against durable workflows."""

from __future__ import annotations

from typing import Any

import pytest
from agno.client import AgentOSClient
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow.remote import RemoteWorkflow
from agno.workflow.types import StepRequirement

from tests.agentos.serving import Site, fresh
from tests.support import eventually


def answer(one: StepRequirement) -> None:
    """Answers whatever is asked, as agno's documentation does."""
    if one.requires_executor_input:
        for tool in one.executor_requirements or ():
            tool["confirmation"] = tool["tool_execution"]["confirmed"] = True
    elif one.requires_output_review and not one.retry_count:
        one.reject(feedback="shorter")
    elif one.requires_output_review:
        one.edit("edited")
    elif one.requires_user_input:
        one.set_user_input(region="us", copies=2)
    elif one.requires_route_selection:
        one.select("north")
    else:
        one.confirm()


KINDS = ("confirm", "form", "review", "route", "tools", "both")


@pytest.fixture
def client(site: Site) -> AgentOSClient:
    return AgentOSClient(base_url=site.url, timeout=60)


SLOW = ("form", "route", "both")


@pytest.mark.parametrize(
    "workflow", [pytest.param(one, marks=[pytest.mark.slow] if one in SLOW else []) for one in KINDS]
)
async def test_a_whole_round_of_agnos_client(client: AgentOSClient, workflow: str) -> None:
    run = await client.run_workflow(workflow, fresh())
    while run.is_paused:
        for one in run.active_step_requirements or ():
            answer(one)
        requirements = run.step_requirements or []
        run = await client.continue_workflow_run(workflow, run.run_id or "", requirements, run.session_id)
    assert (run.status, run.content) == (RunStatus.completed, "after ran 1")


@pytest.mark.parametrize("workflow", ["confirm", "review", "tools"])
async def test_a_whole_round_in_streams(client: AgentOSClient, workflow: str) -> None:
    events = [one async for one in client.run_workflow_stream(workflow, fresh())]
    while (last := paused(events)) is not None:
        requirements = [StepRequirement.from_dict(one) for one in last.step_requirements]
        for one in requirements:
            if not one.is_resolved:
                answer(one)
        stream = client.continue_workflow_run_stream(workflow, last.run_id, requirements, last.session_id)
        events = [one async for one in stream]
    assert events[-1].event == "WorkflowCompleted"
    assert events[-1].content == "after ran 1"


async def test_a_run_is_cancelled(client: AgentOSClient) -> None:
    run = await client.run_workflow("confirm", fresh())
    await client.cancel_workflow_run("confirm", run.run_id or "")

    async def status() -> bool:
        one = await client.get_session_run(run.session_id or "", run.run_id or "")
        return one.status == "CANCELLED"

    await eventually("the run to be cancelled", status)


async def test_sessions_are_read(client: AgentOSClient) -> None:
    run = await client.run_workflow("confirm", mine := fresh())
    [one] = await client.get_session_runs(run.session_id or "")
    assert (one.run_id, one.run_input, one.status) == (run.run_id, mine, "PAUSED")


async def test_the_workflows_are_described(client: AgentOSClient, site: Site) -> None:
    listed = await client.list_workflows()
    assert {one.id for one in listed} == set(site.flows.all)
    described = await client.aget_workflow("confirm")
    assert [one["name"] for one in described.steps or ()] == ["before", "gate", "after"]


async def test_a_remote_workflow_runs_and_is_continued(site: Site) -> None:
    remote = RemoteWorkflow(base_url=site.url, workflow_id="confirm", timeout=60)
    run: Any = await remote.arun(fresh())
    assert isinstance(run, WorkflowRunOutput)
    assert run.is_paused
    for one in run.steps_requiring_confirmation:
        one.confirm()
    ended: Any = await remote.acontinue_run(run)
    assert (ended.status, ended.content) == (RunStatus.completed, "after ran 1")


async def test_a_remote_workflow_streams_and_is_continued_in_a_stream(site: Site) -> None:
    remote = RemoteWorkflow(base_url=site.url, workflow_id="confirm", timeout=60)
    events = [one async for one in remote.arun(fresh(), stream=True)]
    last = paused(events)
    assert last is not None
    [one] = [StepRequirement.from_dict(one) for one in last.step_requirements]
    one.reject()
    stream: Any = await remote.acontinue_run(
        run_id=last.run_id, session_id=last.session_id, step_requirements=[one], stream=True
    )
    events = [event async for event in stream]
    assert events[-1].event == "WorkflowCompleted"


def paused(events: list[Any]) -> Any:
    return next((one for one in events if one.event == "WorkflowPaused"), None)
