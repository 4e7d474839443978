"""A tool that a deploy takes from an agent between the question and the answer (docs/differences.md, "Tools that
pause"). What else becomes of it is in tests/upgrades/test_rolling_deploys.py."""

from __future__ import annotations

import pytest
from agno.db.in_memory import InMemoryDb
from agno.workflow import Step, Workflow

from tests.differential.blocks import flow
from tests.running.executor_scenes import allowed
from tests.support import Bench
from tests.tool_script import answered, caller, count, drop, yes
from tests.upgrades.deploys import Deployed


def version(*tools: object) -> Workflow:
    return flow(Step(name="ops", agent=caller([("drop", {"table": "users"})], name="ops", tools=tools), max_retries=0))


async def test_a_tool_that_an_agent_has_lost_blocks_its_step_until_it_is_back(bench: Bench) -> None:
    before, after = version(drop, count), version(count)
    before.db = after.db = InMemoryDb()
    plain = await before.arun("go", session_id="s")
    answered(yes)(plain.step_requirements[-1])
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
