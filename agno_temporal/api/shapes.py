"""The shapes of answers, for the OpenAPI document and for nothing else: what is sent is made by `agno_temporal.views`.

Keys may be added to an answer, so that each shape allows for more; none is renamed.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class WorkflowHead(Shape):
    id: str
    name: str | None
    description: str | None


class WorkflowList(Shape):
    workflows: list[WorkflowHead]
    complete: bool


class Node(Shape):
    path: str | None
    name: str | None
    kind: str
    asks: list[dict[str, Any]]
    steps: list[Node]


class PlanShape(Shape):
    digest: str
    steps: list[Node]


class WorkflowShape(WorkflowHead):
    has_database: bool
    input_schema: dict[str, Any] | None
    plan: PlanShape


class RequirementShape(Shape):
    requirement_id: str
    run_id: str
    workflow_id: str
    session_id: str
    user_id: str | None
    path: str
    step_name: str
    kind: str
    message: str | None
    actions: list[str]
    fields: list[dict[str, Any]] | None
    opened_at: str
    deadline: str | None
    seconds_left: float | None
    on_timeout: str
    on_reject: str


class RunShape(Shape):
    run_id: str
    workflow_id: str | None
    status: str | None
    session_id: str
    user_id: str | None
    settled: bool
    started_at: str
    duration: float | None
    input: Any
    content: Any
    error_type: str | None
    steps: list[dict[str, Any]]
    pending: list[RequirementShape]
    decisions: list[dict[str, Any]]
    blocked: list[dict[str, Any]]
    source: Literal["run", "database"]


class RunRow(Shape):
    run_id: str
    workflow_id: str | None
    status: str | None
    answered: bool
    unreadable: str | None
    started_at: str
    ended_at: str | None


class RunList(Shape):
    runs: list[RunRow]
    cursor: str | None


class Started(Shape):
    run_id: str
    workflow_id: str
    started: bool
    run: RunShape | None


class Cancelled(Shape):
    run_id: str
    cancelling: bool
    status: str | None


class Terminated(Shape):
    run_id: str
    terminated: Literal[True]
    reason: str


class Unblocked(Shape):
    run_id: str
    tried: list[dict[str, Any]]


class WaitingShape(RequirementShape):
    whole: bool


class WaitingList(Shape):
    pending: list[WaitingShape]
    no_answer: list[str]
    unreadable: list[str]
    cursor: str | None


class Decided(Shape):
    run_id: str
    requirement_id: str
    action: str
    decided_by: str | None
    at: str
    feedback: str | None
    values: dict[str, Any] | None
    selected: list[str] | None


class Accepted(Shape):
    type: Literal["accepted-for-delivery"]
    title: str
    status: Literal[202]
    detail: str
    run_id: str
    requirement_id: str
    action: str
    decided_by: str
    idempotency_key: str


class OpenQuestion(RequirementShape):
    answers: dict[str, dict[str, Any]]


class Questions(Shape):
    run_id: str
    workflow_id: str | None
    status: str | None
    pending: list[OpenQuestion]
    source: Literal["run", "database"]


class OneQuestion(RequirementShape):
    decision: dict[str, Any] | None
    source: Literal["run", "database"]
