"""A run that an agent decides on: it answers by itself, or has the steps run, once or again.

The agent is no step. It stands in front of them, and waits, as data, while they run: for ninety days if there is a gate
among them. Of several runs of the steps the last one is the run's (agno writes them all under one id).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agno_temporal.contract import names
from agno_temporal.contract.outputs import Output, Query, bare
from agno_temporal.contract.tasks import Flow
from agno_temporal.hitl import ToolAnswer, ToolQuestion
from agno_temporal.plan import StepNode
from agno_temporal.workflows import calls
from agno_temporal.workflows.frame import Frame

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter

BAD_CALL = "run_workflow takes one argument, query: a text of at most 8 KB."


async def run_by_agent(walk: Interpreter, node: StepNode) -> None:
    """Ask the agent, run the steps as often as it says, and let it end.

    Raises:
        StepFailed: The agent's own code failed for good, or a step's did that fails its workflow.
    """
    state = walk.state
    frame = Frame(Flow(), state.session_state, top=True)
    state.agent, result = await calls.run_leaf(state, node, frame, None)
    first, turn, ran = state.agent.activity_id, 0, False
    while result.pause is not None:
        answers: dict[str, ToolAnswer] = {}
        contents: dict[str, Output] = {}
        for question in result.pause.tools:
            if (query := _query(question)) is None:
                answers[question.id] = ToolAnswer(result=BAD_CALL)
                continue
            ran = True
            await walk.steps(query)
            state.current = None
            if state.content_of is None:
                answers[question.id] = ToolAnswer(result=state.content)
            else:
                contents[question.id] = bare(state.content_of)
        turn += 1
        activity_id = names.continue_activity_id(first, turn)
        state.agent, result = await calls.continue_executor(
            state, node, frame, None, state.agent, activity_id, answers, contents
        )
    state.mark(node.path, "done")
    if not ran:
        state.content_of = state.agent


def _query(question: ToolQuestion) -> Query | None:
    """What the agent asks for; None where its model called the tool wrongly."""
    args = question.tool_args
    query = args.get("query") if isinstance(args, dict) else None
    return Query(query) if isinstance(query, str) else None
