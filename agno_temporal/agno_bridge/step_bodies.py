"""The body of a step's result: agno's `StepOutput` and the runs that made it, as JSON and exactly back.

agno's own `StepOutput.to_dict` turns a number into text and a model into a dict (agno/workflow/types.py:590-610), which
plain agno never does between two steps. Here the content keeps its type; a field that holds its default is left out.

A body is written once, to history, and read many times, from a cache or from there. Its digest tells that what is read
is what was written; it is taken over canonical JSON, because Temporal's converters may order keys as they like.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agno.metrics import RunMetrics
from agno.workflow.types import StepOutput, StepType

from agno_temporal.agno_bridge.executor_runs import ExecutorRun, in_key_order, read_run, write_run
from agno_temporal.agno_bridge.media import MEDIA, read_media, write_media
from agno_temporal.agno_bridge.values import NotSerialisable, decode, encode
from agno_temporal.plan.data import Json

_PLAIN_FIELDS = ("step_name", "step_id", "executor_type", "executor_name", "step_run_id", "content", "error")


def step_body(output: StepOutput, executor_runs: Sequence[ExecutorRun] = (), where: str = "output") -> Json:
    """The body of a step's result.

    Args:
        executor_runs: What agno collected in `step_executor_runs` while the step ran.
        where: The step, for errors: ``step '2' ("fetch")``.

    Raises:
        NotSerialisable: A part would not come back as it is.
    """
    body: dict[str, Json] = {"output": _write_output(output, f"{where} ")}
    if executor_runs:
        body["runs"] = [write_run(run, f"{where} executor run {i}") for i, run in enumerate(executor_runs)]
    return body


def output_of(body: Json, lenient: bool = False) -> StepOutput:
    """The output in a body."""
    return _read_output(body["output"], lenient)


def runs_of(body: Json, lenient: bool = False) -> list[ExecutorRun]:
    """The runs of agents and teams in a body."""
    return [read_run(run, lenient) for run in body.get("runs", ())]


@dataclass(frozen=True, slots=True)
class Measure:
    """The SHA-256 of a body, and its size in bytes."""

    digest: str
    size: int

    @classmethod
    def of(cls, body: Json) -> Measure:
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return cls(hashlib.sha256(text).hexdigest(), len(text))


def step_type_of(value: str | None) -> Any:
    """agno's enum for one of its own step types (agno/workflow/step.py:2727); other text as it is."""
    return StepType(value) if value in StepType._value2member_map_ else value


def _write_output(output: StepOutput, prefix: str) -> dict[str, Json]:
    if type(output) is not StepOutput:
        remedy = "Return agno's StepOutput, and put what you add to it into its content."
        raise NotSerialisable(f"{prefix}output", type(output).__qualname__, remedy)
    data: dict[str, Json] = {}
    for name in _PLAIN_FIELDS:
        if (value := getattr(output, name)) is not None:
            data[name] = encode(value, prefix + name)
    if output.step_type is not None:
        data["step_type"] = output.step_type.value if isinstance(output.step_type, StepType) else str(output.step_type)
    for kind in MEDIA:
        if (media := getattr(output, kind)) is not None:
            data[kind] = write_media(media, prefix + kind)
    if output.metrics is not None:
        data["metrics"] = _write_metrics(output.metrics, prefix)
    data |= {name: value for name, value in _flags(output).items() if value != (name == "success")}
    if output.steps is not None:
        data["steps"] = [_write_output(step, f"{prefix}steps[{i}].") for i, step in enumerate(output.steps)]
    return data


def _flags(output: StepOutput) -> dict[str, bool]:
    return {"success": bool(output.success), "stop": bool(output.stop), "is_paused": bool(output.is_paused)}


def _write_metrics(metrics: Any, prefix: str) -> Json:
    if not isinstance(metrics, RunMetrics):
        raise NotSerialisable(f"{prefix}metrics", type(metrics).__qualname__, "Use agno.metrics.RunMetrics.")
    return encode(in_key_order(metrics.to_dict()), f"{prefix}metrics")


def _read_output(data: Json, lenient: bool) -> StepOutput:
    metrics: Any = decode(data.get("metrics"), lenient)
    fields: dict[str, Any] = {name: decode(data.get(name), lenient) for name in _PLAIN_FIELDS}
    fields |= {kind: read_media(kind, data.get(kind), lenient) for kind in MEDIA}
    return StepOutput(
        **fields,
        step_type=step_type_of(data.get("step_type")),
        metrics=None if metrics is None else RunMetrics.from_dict(metrics),
        success=data.get("success", True),
        stop=data.get("stop", False),
        is_paused=data.get("is_paused", False),
        steps=[_read_output(step, lenient) for step in data["steps"]] if "steps" in data else None,
    )
