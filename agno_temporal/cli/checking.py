"""What `check` finds: each workflow of an app, and everything for which a worker would refuse it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agno.workflow import Workflow

from agno_temporal.agno_bridge.primitives import workflow_id_of
from agno_temporal.agno_bridge.refusals import PlanError, Problem
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.cli.backend import Document
from agno_temporal.connect.loading import load_workflows
from agno_temporal.plan import Plan, walk


def checked(references: Sequence[str]) -> Document:
    """
    Raises:
        CannotLoad: A reference leads to no workflow.
    """
    registry = Registry()
    try:
        found = [_one(registry, workflow) for workflow in load_workflows(references)]
    except PlanError as error:  # A `DurableWorkflow` is compiled where the app makes it.
        found = [_document(None, error.problems)]
    return {"ok": not any(one["problems"] for one in found), "workflows": found}


def _one(registry: Registry, workflow: Workflow) -> Document:
    try:
        plan = registry.add(workflow).plan
    except PlanError as error:
        return _document(workflow_id_of(workflow), error.problems)
    return {**_document(plan.workflow_id, ()), "steps": len(list(walk(plan.steps))), **_gates(plan)}


def _gates(plan: Plan) -> Document:
    """What an agent's tools will ask is not known before they are called."""
    from agno_temporal.views.plans import plan_document

    def count(nodes: Iterable[Document]) -> int:
        return sum(len(node["asks"]) + count(node["steps"]) for node in nodes)

    return {"asks": count(plan_document(plan)["steps"])}


def _document(workflow_id: str | None, problems: Iterable[Problem]) -> Document:
    said = [{"path": one.path, "name": one.name, "text": one.text} for one in problems]
    return {"id": workflow_id, "problems": said}
