"""A tool, or a member, that a deploy takes away between the question and the answer (docs/differences.md, "Tools that
pause"). What else becomes of it is in tests/upgrades/test_rolling_deploys.py."""

from __future__ import annotations

import pytest
from agno.db.in_memory import InMemoryDb
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Step, Workflow

from tests.differential.blocks import flow
from tests.running.executor_scenes import allowed
from tests.support import Bench
from tests.tool_script import answered, caller, count, delegate, drop, leader, yes
from tests.upgrades.deploys import Deployed


def version(*tools: object) -> Workflow:
    return flow(Step(name="ops", agent=caller([("drop", {"table": "users"})], name="ops", tools=tools), max_retries=0))


async def answered_in_agno(before: Workflow, after: Workflow) -> WorkflowRunOutput:
    """A run of the one that the other is to go on with, in agno."""
    before.db = after.db = InMemoryDb()
    plain = await before.arun("go", session_id="s")
    answered(yes)(plain.step_requirements[-1])
    return plain


async def test_a_tool_that_an_agent_has_lost_blocks_its_step_until_it_is_back(bench: Bench) -> None:
    before, after = version(drop, count), version(count)
    plain = await answered_in_agno(before, after)
    with pytest.raises(ValueError, match="Function call not found"):
        await after.acontinue_run(plain)

    run = Deployed(bench)
    await run.start(version(drop, count))
    async with bench.worker(version(count)):
        (asked,) = await bench.paused(run.run_id)
        await bench.runs.decide(run.run_id, allowed(asked))
        assert "the tool 'drop'" in (await run.blocked()).reason
    async with bench.worker(version(drop, count)):
        await run.completed()
    assert (await bench.runs.run_output(run.run_id)).content == "got dropped users"


def team_of(*names: str) -> Workflow:
    members = [caller([("drop", {"table": "users"})], name=name, tools=[drop]) for name in names]
    return flow(Step(name="desk", team=leader([delegate("ops")], members=members), max_retries=0))


async def test_a_member_that_a_team_has_lost_blocks_its_step_until_it_is_back(bench: Bench) -> None:
    before, after = team_of("ops", "dev"), team_of("dev")
    plain = await answered_in_agno(before, after)
    with pytest.raises(ValueError, match="which is not a member"):
        await after.acontinue_run(plain)

    run = Deployed(bench)
    await run.start(team_of("ops", "dev"))
    async with bench.worker(team_of("dev")):
        (asked,) = await bench.paused(run.run_id)
        await bench.runs.decide(run.run_id, allowed(asked))
        assert "'ops', which is not a member of team 'Desk'" in (await run.blocked()).reason
    async with bench.worker(team_of("ops", "dev")):
        await run.completed()
    assert "[ops]: got dropped users" in (await bench.runs.run_output(run.run_id)).content
