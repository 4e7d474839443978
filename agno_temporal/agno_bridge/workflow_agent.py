"""The agent in front of a workflow: `Workflow(agent=WorkflowAgent(...))`.

It answers by itself, or calls its one tool, `run_workflow(query)`. In agno that tool runs the whole workflow within the
model's turn, in one process; a gate in it ends the tool, and the model answers without a result. Here the tool is one
that is executed elsewhere: the agent pauses at it (`executor_pause`), the steps run with all their gates, and the agent
goes on with the content that they gave.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Final

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.session.workflow import WorkflowSession
from agno.tools import Function
from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.agent import WorkflowAgent
from agno.workflow.types import StepInput, StepOutput
from pydantic import BaseModel

from agno_temporal.agno_bridge.executor_pause import collected
from agno_temporal.agno_bridge.live import LiveStep
from agno_temporal.agno_bridge.refusals import Report
from agno_temporal.agno_bridge.run_context import Surroundings
from agno_temporal.agno_bridge.tap import Streamed, Tap

RUN_WORKFLOW: Final = "run_workflow"
"""The tool's name, which is that of agno's function (agno/workflow/agent.py:223)."""


def workflow_agent(workflow: Workflow, step_id: str, report: Report) -> LiveStep | None:
    """A workflow's agent as a leaf. It is a copy: agno gives the user's own a tool at every run."""
    given: Any = workflow.agent
    if not isinstance(given, WorkflowAgent):
        report(f"agent is of type {type(given).__name__}, and has to be a WorkflowAgent. Make another agent a step.")
        return None
    agent: Any = copy(given)
    made: Any = agent.async_create_workflow_tool
    tool = Function.from_callable(made(workflow=workflow, session=None, execution_input=None, run_context=None))
    tool.external_execution = True
    agent.tools = [tool]
    step = Step(name=agent.name, agent=agent, step_id=step_id, max_retries=0, human_review=HumanReview())
    return LiveStep(step, workflow, is_workflow_agent=True)


async def ask_workflow_agent(
    live: LiveStep, given: StepInput, around: Surroundings, session: WorkflowSession | None, tap: Tap | None
) -> StepOutput:
    """Let it decide (agno/workflow/workflow.py:6368). It sees the input, and the earlier runs of its session."""
    agent: Any = live.step.agent if tap is None else Streamed(live.step.agent, tap)
    context = around.context
    session = session or WorkflowSession(session_id=context.session_id)
    response = await agent.arun(
        input=given.input,
        session_id=context.session_id,
        dependencies=live.owner._get_workflow_agent_dependencies(session),
        session_state=context.session_state,
        stream=False,
    )
    return collected(live.step, response, around)


def has_run_the_steps(run: Any) -> bool:
    """Whether the agent has called its tool. A call without a query is told to its model, and runs nothing."""
    return any(one.tool_name == RUN_WORKFLOW and _has_query(one.tool_args) for one in run.tools or ())


def _has_query(arguments: dict[str, Any] | None) -> bool:
    return isinstance((arguments or {}).get("query"), str)


def answered_directly(run: WorkflowRunOutput) -> bool:
    """Whether the run's content is what the agent answered by itself. agno marks the event of its end, by which its own
    `print_response` knows that there is an answer to print (agno/workflow/workflow.py:6321)."""
    agent_run = run.workflow_agent_run
    return run.status == RunStatus.completed and agent_run is not None and not has_run_the_steps(agent_run)


def as_told(content: Any) -> str:
    """The steps' content as the tool's result (agno/workflow/agent.py:305)."""
    if isinstance(content, BaseModel):
        return content.model_dump_json(exclude_none=True)
    return content if isinstance(content, str) else str(content)
