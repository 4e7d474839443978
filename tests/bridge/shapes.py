"""What a run of agno's is, without what no two runs have in common: random ids, clocks and durations."""

import dataclasses
from typing import Any

from agno.models.message import Message
from agno.run.agent import RunOutput
from agno.run.team import TeamRunOutput
from agno.run.workflow import WorkflowRunOutput
from agno.workflow.types import OnTimeout, StepInput, StepOutput
from pydantic import BaseModel

CLOCKS = {"created_at", "duration", "timer", "time_to_first_token"}
CONTAINERS = ("Steps", "Loop", "Condition", "Router", "Parallel")


def shape(value: Any) -> Any:
    """A value as plain data with the names of its types, so that None is not [] and a model is not a dict.

    A policy is text here, whichever of the two the user wrote.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _object(value, {field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, BaseModel):
        return _object(value, {name: getattr(value, name) for name in type(value).model_fields})
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value).__name__, [shape(item) for item in value]
    if isinstance(value, OnTimeout):
        return shape(value.value)
    return type(value).__name__, value


def _object(value: object, fields: dict[str, Any]) -> Any:
    kept = {name: shape(item) for name, item in fields.items() if name not in CLOCKS | _random(value)}
    return type(value).__name__, kept


def _random(value: object) -> set[str]:
    """Ids that agno draws; an agent's copy of the state, to which agno's sync `run` alone adds the run's ids; and the
    session, which holds the run itself again."""
    match value:
        case StepOutput():
            return {"step_run_id", "step_id"} if value.step_type in CONTAINERS else {"step_run_id"}
        case WorkflowRunOutput():
            return {"run_id"} if value.parent_run_id is not None else set()
        case RunOutput() | TeamRunOutput():
            inside = {"parent_run_id"} if value.parent_run_id != "run-1" else set()
            return {"run_id", "session_state"} | inside
        case Message():
            return {"id"}
        case StepInput():
            return {"workflow_session"}
    return set()
