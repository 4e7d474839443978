"""Recordings of agents in front of workflows."""

from __future__ import annotations

from typing import Any

from agno.workflow import HumanReview, Workflow
from agno.workflow.agent import WorkflowAgent

from agno_temporal.hitl import Action
from tests.replay.pauses import by_update, leave_open
from tests.replay.primitives import say
from tests.replay.recordings import Drive, Recording, to_the_end
from tests.tool_script import ToolScript


def fronted(*queries: str, **review: Any) -> Workflow:
    turns = [[("run_workflow", {"query": query})] for query in queries]
    gate = say("gate")
    gate.human_review = HumanReview(**review)
    agent = WorkflowAgent(model=ToolScript(turns=turns))
    return Workflow(name="recorded", agent=agent, steps=[say("before"), gate, say("after")])


async def confirmed(run: Drive) -> None:
    await run.start()
    await by_update(Action.CONFIRM)(run)


async def waits(run: Drive) -> None:
    await run.start()
    await leave_open(run)


RECORDINGS: dict[str, Recording] = {
    "agent_answers": Recording(fronted, to_the_end),
    "agent_runs_twice": Recording(lambda: fronted("one", "two"), to_the_end),
    "agent_waits": Recording(lambda: fronted("one", requires_confirmation=True), waits),
    "agent_confirmed": Recording(lambda: fronted("one", requires_confirmation=True), confirmed),
}
