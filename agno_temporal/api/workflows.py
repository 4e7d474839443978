"""The workflows that can be run here: what each consists of, and what input it takes."""

from __future__ import annotations

from typing import Annotated

from agno.workflow import Workflow
from fastapi import APIRouter, Depends, Path

from agno_temporal.api import examples
from agno_temporal.api.access import Scope, needs
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.documented import problems, shaped
from agno_temporal.api.problems import Problem
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.shapes import WorkflowList, WorkflowShape
from agno_temporal.api.texts import Text
from agno_temporal.views.workflows import workflow_document, workflow_head


def routes(service: Service) -> APIRouter:
    router = new_router(service, "workflows")
    reads = [Depends(needs(service, Scope.READ))]

    @router.get(
        "/workflows",
        dependencies=reads,
        operation_id="list_workflows",
        summary="List the workflows",
        responses={
            200: shaped(WorkflowList, examples.WORKFLOWS, "The workflows."),
            **problems(),
        },
    )
    async def list_workflows() -> JsonAnswer:
        """Those that runs can be started of."""
        workflows = [workflow_head(name, one) for name, one in sorted(service.workflows.items())]
        return JsonAnswer({"workflows": workflows, "complete": True})

    @router.get(
        "/workflows/{workflow_id:path}",
        dependencies=reads,
        operation_id="get_workflow",
        summary="Describe a workflow",
        responses={
            200: shaped(WorkflowShape, examples.WORKFLOW, "The workflow."),
            **problems("workflow-not-found"),
        },
    )
    async def get_workflow(
        workflow_id: Annotated[Text, Path(description="The workflow's id.", examples=["release"])],
    ) -> JsonAnswer:
        """Its steps, where it asks a human, and what a run of it takes as input."""
        workflow = workflow_of(service, workflow_id)
        return JsonAnswer(workflow_document(workflow, service.plans[workflow_id]))

    return router


def workflow_of(service: Service, workflow_id: str) -> Workflow:
    """
    Raises:
        Problem: 404, there is none of this id.
    """
    workflow = service.workflows.get(workflow_id)
    if workflow is None:
        detail = f"There is no workflow {workflow_id[:100]!r} here. GET /v1/workflows lists those there are."
        raise Problem(404, "workflow-not-found", detail)
    return workflow
