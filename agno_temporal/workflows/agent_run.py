"""A run that an agent decides on: it answers by itself, or has the steps run, once or again.

The agent is no step. It stands in front of them, and waits, as data, while they run: for ninety days if there is a gate
among them. Of several runs of the steps the last one is the run's (agno writes them all under one id).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agno_temporal.contract import names
from agno_temporal.contract.journal import Walked
from agno_temporal.contract.outputs import Output, Query, bare
from agno_temporal.contract.tasks import Flow
from agno_temporal.hitl import ToolAnswer, ToolQuestion
from agno_temporal.plan import StepNode
from agno_temporal.workflows import calls
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.journal import current

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
    ran = await calls.run_leaf(state, node, frame, None)
    state.agent = ran.leaf
    first, turn, walked = ran.leaf.activity_id, 0, False
    while ran.pause is not None:
        answers: dict[str, ToolAnswer] = {}
        contents: dict[str, Output] = {}
        for question in ran.pause.tools:
            if (query := _query(question)) is None:
                answers[question.id] = ToolAnswer(result=BAD_CALL)
                continue
            if not walked:
                state.events.add("WorkflowStarted")
            walked = True
            await _walked(walk, query)
            state.current = None
            if state.content_of is None:
                answers[question.id] = ToolAnswer(result=state.content)
            else:
                contents[question.id] = bare(state.content_of)
        turn += 1
        activity_id = names.continue_activity_id(first, turn)
        ran = await calls.continue_executor(state, node, frame, None, ran.leaf, activity_id, answers, contents)
        state.agent = ran.leaf
    state.mark(node.path, "done")
    if not walked:
        state.content_of = state.agent


async def _walked(walk: Interpreter, query: Query) -> None:
    """The workflow's steps, from the first."""
    state, strand = walk.state, current()
    if (before := strand.told(Walked)) is not None:
        state.results, state.content, state.content_of = [*before.results], before.content, before.content_of
        return
    mark = strand.mark
    await walk.steps(query)
    strand.close(mark, Walked(tuple(state.results), state.content, state.content_of))


def _query(question: ToolQuestion) -> Query | None:
    """What the agent asks for; None where its model called the tool wrongly."""
    args = question.tool_args
    query = args.get("query") if isinstance(args, dict) else None
    return Query(query) if isinstance(query, str) else None
