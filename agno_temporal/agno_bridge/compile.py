"""From a live workflow to its plan: the step tree as data, the same in every process.

A run follows the plan that it began with, and a worker recognises it by its digest. So a plan holds nothing that two
processes could see differently: ids come from places (`step_ids`), and of functions there is only that they are there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from agno.workflow import Workflow

from agno_temporal.agno_bridge.live import Compiled
from agno_temporal.agno_bridge.options import with_options
from agno_temporal.agno_bridge.primitives import why_no_step, workflow_id_of
from agno_temporal.agno_bridge.refusals import PlanError, Problem, Problems
from agno_temporal.agno_bridge.walk import Walk
from agno_temporal.plan import NO_OPTIONS, Plan, StepOptions
from agno_temporal.plan.data import to_json

__all__ = ["Compiled", "PlanError", "Problem", "compile_workflow", "plan_digest"]


def compile_workflow(
    workflow: Workflow, *, options: StepOptions = NO_OPTIONS, step_options: Mapping[str, StepOptions] | None = None
) -> Compiled:
    """The plan of a workflow and the live objects behind it. The workflow itself is not changed.

    Args:
        options: How Temporal runs its steps, where a step has no options of its own.
        step_options: Options of single steps, by name or path; they win over `options` field by field.

    Raises:
        PlanError: The workflow cannot be run as it is written. Holds every reason.
    """
    if not isinstance(workflow, Workflow):
        raise PlanError([Problem(getattr(workflow, "name", None), why_no_step(workflow))])
    problems = Problems(workflow.name or workflow.id)
    root_id = workflow_id_of(workflow)
    if root_id is None:
        problems.at()("it has neither an id nor a name, and agno would draw another at every start. Give it a name.")
    walk = Walk(root_id or "", problems)
    steps = walk.steps_of(workflow, prefix="", within=(), report=problems.at())
    agent = walk.agent_of(workflow, problems.at())
    steps = with_options(steps, options, step_options or {}, problems)
    problems.raise_any()
    plan = Plan(
        workflow_id=root_id or "",
        workflow_name=workflow.name,
        steps=steps,
        has_db=workflow.db is not None,
        store_executor_outputs=workflow.store_executor_outputs,
        stream_executor_events=bool(workflow.stream_executor_events),
        store_events=bool(workflow.store_events),
        events_to_skip=tuple(getattr(one, "value", one) for one in workflow.events_to_skip or ()),
        agent=agent,
    )
    return Compiled(replace(plan, digest=plan_digest(plan)), workflow, MappingProxyType(walk.live))


def plan_digest(plan: Plan) -> str:
    """The SHA-256 of everything in a plan but its digest."""
    data = json.dumps(to_json(replace(plan, digest="")), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(data.encode()).hexdigest()
