"""agno's `WorkflowRunOutput`, put together from a manifest and the bodies of its outputs.

The run's result in history names outputs and does not hold them, so the whole is made here, for callers, readers and
agno's own database. Every field is what plain agno's `arun` would have set at that moment, None and empty lists
included, since `continue_run`, sessions and AgentOS tell them apart:

* media lists are complete when the run is; before that only those kinds are set that the input had (workflow.py:605);
* metrics are summed up when the run completes or is cancelled at work, and are empty on a pause or an error;
* an output under review already stands among the results (agno/workflow/utils/hitl.py:349);
* a run that a rejection cancelled still says where it was paused.
"""

from __future__ import annotations

from typing import Any

from agno.run.base import CancellationStage, RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow.types import PauseKind, StepOutput, WorkflowMetrics

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.events import stored_events
from agno_temporal.agno_bridge.media import MEDIA
from agno_temporal.agno_bridge.requirements import error_requirement, step_requirement
from agno_temporal.agno_bridge.run_tree import RunTree
from agno_temporal.agno_bridge.step_inputs import media_of, request_media
from agno_temporal.agno_bridge.step_outputs import final_content, step_output, workflow_metrics
from agno_temporal.agno_bridge.values import decode
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.outputs import Leaf, Output
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Kind


def run_output(manifest: Manifest, bodies: Bodies, request: RunRequest) -> WorkflowRunOutput:
    """The run as agno shows it.

    Args:
        bodies: `Bodies(manifest, lenient=True)`, with nothing missing.
        request: What the run was started with.
    """
    shown = [*manifest.step_results, *_under_review(manifest)]
    results = [step_output(output, bodies) for output in shown]
    status = RunStatus(manifest.status)
    run_input: Any = decode(request.input, bodies.lenient)
    metadata: Any = decode(manifest.metadata, bodies.lenient)
    media: dict[str, Any] = _media(manifest, bodies, request)
    run = WorkflowRunOutput(
        input=run_input,
        content=_content(manifest, bodies),
        workflow_id=manifest.workflow_id,
        workflow_name=manifest.workflow_name,
        run_id=manifest.run_id,
        session_id=manifest.session_id,
        user_id=manifest.user_id,
        step_results=[*results],
        step_executor_runs=RunTree(manifest, bodies, request).runs(shown),
        metrics=_metrics(manifest, results),
        metadata=metadata,
        created_at=manifest.created_at,
        status=status,
        cancellation_stage=CancellationStage.coerce(manifest.cancellation_stage),
        step_requirements=[step_requirement(asked, request, bodies) for asked in _questions(manifest)] or None,
        error_requirements=[error_requirement(asked, request, bodies) for asked in _failures(manifest)] or None,
        **media,
    )
    _set_pause(run, manifest)
    run.workflow_agent_run = _agent_run(manifest, bodies)
    run.events = stored_events(manifest, run, bodies, request)
    return run


def _agent_run(manifest: Manifest, bodies: Bodies) -> Any:
    """The run of the agent in front of the workflow: no step's (agno/workflow/workflow.py:6447)."""
    if not isinstance(manifest.agent, Leaf):
        return None
    run: Any = bodies.runs(manifest.agent)[0]
    run.workflow_id, run.workflow_step_id = manifest.workflow_id, None
    return run


def _questions(manifest: Manifest) -> list[Asked]:
    """In the order in which they were asked, what still waits last: agno takes the last one for the active one."""
    asked = [one for one in manifest.asked if one.requirement.kind is not Kind.ERROR]
    return sorted(asked, key=lambda one: one.resolution is None)


def _failures(manifest: Manifest) -> list[Asked]:
    return [one for one in manifest.asked if one.requirement.kind is Kind.ERROR]


def _under_review(manifest: Manifest) -> list[Output]:
    """The output that a top-level step's reviewer looks at now."""
    return [
        asked.output
        for asked in manifest.asked
        if asked.resolution is None
        and asked.output is not None
        and asked.requirement.kind.is_review
        and asked.requirement.path.isdigit()
    ]


def _content(manifest: Manifest, bodies: Bodies) -> Any:
    """A manifest that was too large does not say again that the content is the last step's (`workflows.report`)."""
    of = manifest.content_of
    if of is None and manifest.step_results and manifest.status == RunStatus.completed.value:
        of = manifest.step_results[-1]
    return manifest.content if manifest.content is not None or of is None else final_content([step_output(of, bodies)])


def _media(manifest: Manifest, bodies: Bodies, request: RunRequest) -> dict[str, list[Any] | None]:
    """agno extends the lists of the input's media as the run goes, and sets the others at its end."""
    media: dict[str, list[Any] | None] = {}
    if manifest.content_of is not None and not manifest.step_results:
        return dict.fromkeys(MEDIA)  # A function in the place of steps: agno shows the run without media.
    for kind in MEDIA:
        given = request_media(kind, request, bodies)
        made = [item for output in manifest.step_results for item in media_of(kind, output, bodies)]
        media[kind] = given + made if given or manifest.status == RunStatus.completed.value else None
    return media


def _metrics(manifest: Manifest, results: list[StepOutput]) -> WorkflowMetrics:
    at_work = manifest.cancellation_stage == CancellationStage.executing.value
    if manifest.status == RunStatus.completed.value or at_work:
        return workflow_metrics(results, manifest.duration)
    return WorkflowMetrics(steps={}, duration=manifest.duration)


def _set_pause(run: WorkflowRunOutput, manifest: Manifest) -> None:
    if manifest.paused_step_index is not None:
        run.paused_step_index, run.paused_step_name = manifest.paused_step_index, manifest.paused_step_name
    elif (last := _cancelled_at(manifest)) is not None:
        run.paused_step_index, run.paused_step_name = last.requirement.step_index, last.requirement.step_name
    if run.paused_step_index is not None:
        run.pause_kind = PauseKind.EXECUTOR if _pauses_in_executor(manifest) else PauseKind.STEP


def _pauses_in_executor(manifest: Manifest) -> bool:
    """Whether the question that the run stands at is an agent's or a team's."""
    at = next((asked for asked in manifest.asked if asked.resolution is None), None) or _cancelled_at(manifest)
    return at is not None and at.requirement.kind is Kind.EXECUTOR


def _cancelled_at(manifest: Manifest) -> Asked | None:
    """The requirement whose answer cancelled the run: the one that was answered last."""
    if manifest.cancellation_stage != CancellationStage.paused.value:
        return None
    answered = [(asked.resolution.at, asked) for asked in manifest.asked if asked.resolution is not None]
    return max(answered, key=lambda one: one[0])[1] if answered else None
