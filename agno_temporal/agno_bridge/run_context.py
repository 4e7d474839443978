"""agno's `RunContext` for one step, and the run that agno fills while the step runs.

agno's continue builds a context without dependencies, metadata and the workflow's name, so that after a pause a tool
sees less than before (docs/differences.md, D25). Here every step, before and after a pause, gets the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agno.run import RunContext
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow

from agno_temporal.agno_bridge.primitives import workflow_id_of
from agno_temporal.agno_bridge.session_state import LiveState
from agno_temporal.agno_bridge.values import decode
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import RunFacts


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a step runs in.

    Attributes:
        context: For functions, tools and callables of containers.
        scratch: A run output in which agno collects the runs of agents and teams.
        add_dependencies_to_context, add_session_state_to_context: agno's options for an agent's prompt.
    """

    context: RunContext
    scratch: WorkflowRunOutput
    add_dependencies_to_context: bool | None
    add_session_state_to_context: bool | None


def surroundings(owner: Workflow, facts: RunFacts, request: RunRequest, state: LiveState, nested: bool) -> Surroundings:
    """What agno's `Workflow.run` prepares (agno/workflow/workflow.py:10880-10950). `run_id` is always the whole run's.

    Args:
        nested: `owner` is a nested workflow: it gets none of the run's dependencies, metadata and options, only its own
            (agno/workflow/step.py:2916-2929).
    """
    given: dict[str, Any] = {}
    if not nested:
        given = {
            "dependencies": decode(request.dependencies),
            "add_dependencies_to_context": request.add_dependencies_to_context,
            "add_session_state_to_context": request.add_session_state_to_context,
        }
    resolved = owner._resolve_run_params(**given)
    metadata: Any = resolved["metadata"] if nested else decode(facts.metadata)
    context = RunContext(
        run_id=facts.run_id,
        session_id=facts.session_id,
        user_id=facts.user_id,
        workflow_id=workflow_id_of(owner),
        workflow_name=owner.name,
        dependencies=resolved["dependencies"],
        metadata=metadata,
        session_state=state.values,
    )
    scratch = WorkflowRunOutput(
        run_id=facts.run_id,
        session_id=facts.session_id,
        user_id=facts.user_id,
        workflow_id=workflow_id_of(owner),
        workflow_name=owner.name,
        metadata=metadata,
    )
    return Surroundings(
        context,
        scratch,
        resolved["add_dependencies_to_context"],
        resolved["add_session_state_to_context"],
    )
