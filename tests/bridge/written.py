"""Outputs as the interpreter keeps them, made without running anything."""

from typing import Any

from agno.workflow.types import StepOutput

from agno_temporal.agno_bridge.media import MEDIA
from agno_temporal.agno_bridge.step_bodies import Measure, step_body
from agno_temporal.contract.outputs import Group, Leaf


def leaf(name: str, content: Any = None, activity_id: str = "0#1", edited: Any = None, **fields: Any) -> Leaf:
    """A step's output, its body inline."""
    output = StepOutput(step_name=name, content=content, **fields)
    body = step_body(output)
    measure = Measure.of(body)
    return Leaf(
        activity_id,
        measure.digest,
        measure.size,
        success=output.success,
        stop=output.stop,
        media=any(getattr(output, kind) for kind in MEDIA),
        body=body,
        edited=edited,
        has_edit=edited is not None,
    )


def group(step_type: str, *steps: Any, name: str = "box", **fields: Any) -> Group:
    return Group(name, f"{name}-id", step_type, steps, **fields)
