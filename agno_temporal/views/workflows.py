"""A workflow as a caller sees it: what it is called, what it consists of, and what input it takes."""

from __future__ import annotations

from typing import Any

from agno.workflow import Workflow
from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUndefinedAnnotation

from agno_temporal.plan import Plan
from agno_temporal.views.documents import Document
from agno_temporal.views.plans import plan_document

_NO_SCHEMA = (PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUndefinedAnnotation)


def workflow_head(workflow_id: str, workflow: Workflow) -> Document:
    return {"id": workflow_id, "name": workflow.name, "description": workflow.description}


def workflow_document(workflow: Workflow, plan: Plan) -> Document:
    """Its steps, where it asks a human, and what a run of it takes as input."""
    return {
        **workflow_head(plan.workflow_id, workflow),
        "has_database": plan.has_db,
        "input_schema": _input_schema(workflow),
        "plan": plan_document(plan),
    }


def _input_schema(workflow: Workflow) -> dict[str, Any] | None:
    """None where any input is taken, or where the class has no JSON Schema."""
    if workflow.input_schema is None:
        return None
    try:
        return TypeAdapter(workflow.input_schema).json_schema()
    except _NO_SCHEMA:
        return None
