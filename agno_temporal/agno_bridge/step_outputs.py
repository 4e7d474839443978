"""agno's `StepOutput` trees, made of what the interpreter keeps.

Containers are never written to history: their outputs follow from their children, here, with agno's own functions where
it has them, so that a step, an end condition and a reader of the finished run all see the same tree.

What a reviewer put in place of a container's content has to reach whoever reads "the last content". agno changes the
container's own field only, and the next step, every agent and the run's content look at the deepest child instead
(agno/workflow/types.py:416, agno/workflow/step.py:2634), so the edit has no effect (docs/differences.md, D9). Here the
last child on each level takes it over too, on copies, because the same children stand elsewhere unedited.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, assert_never

from agno.metrics import RunMetrics
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import StepOutput, StepType, WorkflowMetrics

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.step_bodies import step_type_of
from agno_temporal.agno_bridge.values import decode
from agno_temporal.contract.outputs import Group, Leaf, Made, NestedRun, Output

NOTHING_RAN: Final = "No steps executed"
"""A workflow's content if no step ran (agno/workflow/workflow.py:4143)."""

_NO_STEP: Final[Any] = object.__new__(Step)
_NO_WORKFLOW: Final[Any] = object.__new__(Workflow)
"""For methods of agno's that use nothing of their object."""


def step_output(output: Output, bodies: Bodies) -> StepOutput:
    """agno's output for one of ours.

    Raises:
        BodyMissing: A body was not brought.
        TypeNotLoaded, MalformedValue: A content cannot be read here; never `TypeNotLoaded` if `bodies` is lenient.
    """
    match output:
        case Leaf():
            built = bodies.output(output)
        case Made():
            return _made(output, bodies)
        case Group():
            built = _group(output, [step_output(step, bodies) for step in output.steps])
        case unreachable:
            assert_never(unreachable)
    return _edited(built, decode(output.edited, bodies.lenient)) if output.has_edit else built


def deepest_content(output: StepOutput) -> Any:
    """What an agent or nested workflow gets for a message (agno/workflow/step.py:2634); of a Parallel, all branches."""
    return _NO_STEP._get_deepest_content_from_step_output(output)


def final_content(outputs: list[StepOutput]) -> Any:
    """A workflow's content: of a Parallel, the last branch's (agno/workflow/workflow.py:4127-4141)."""
    if not outputs:
        return NOTHING_RAN
    last = outputs[-1]
    while last.steps:
        last = last.steps[-1]
    return last.content


def workflow_metrics(outputs: list[StepOutput], duration: float | None) -> WorkflowMetrics:
    """What the agents and teams of a workflow used, by step name (agno/workflow/workflow.py:2847)."""
    metrics: WorkflowMetrics = _NO_WORKFLOW._aggregate_workflow_metrics(
        outputs, WorkflowMetrics(steps={}, duration=duration)
    )
    return metrics


def _made(made: Made, bodies: Bodies) -> StepOutput:
    return StepOutput(
        step_name=made.step_name,
        step_id=made.step_id,
        step_type=step_type_of(made.step_type),
        executor_type=made.executor_type,
        executor_name=made.executor_name,
        content=decode(made.content, bodies.lenient),
        success=made.success,
        error=made.error,
        stop=made.stop,
    )


def _group(group: Group, steps: list[StepOutput]) -> StepOutput:
    if group.step_type == StepType.PARALLEL.value:
        return _parallel(group, steps)
    if group.run is not None:
        return _nested(group, group.run, steps)
    return StepOutput(
        step_name=group.step_name,
        step_id=group.step_id,
        step_type=step_type_of(group.step_type),
        content=group.content,
        success=group.success,
        stop=group.stop,
        steps=steps if group.ran else None,
    )


def _parallel(group: Group, steps: list[StepOutput]) -> StepOutput:
    """The texts, media and metrics of all branches, with agno's own differences between none, one and more."""
    parallel: Any = Parallel(name=group.step_name)
    built: StepOutput = parallel._aggregate_results(steps)
    built.step_id = group.step_id
    return built


def _nested(group: Group, run: NestedRun, steps: list[StepOutput]) -> StepOutput:
    """agno/workflow/step.py:2930-2958, and the names that agno's Step puts over it (step.py:2722-2731)."""
    aggregate: Any = Step._aggregate_workflow_metrics
    metrics: RunMetrics | None = aggregate(workflow_metrics(steps, run.duration))
    return StepOutput(
        step_name=group.step_name or "unnamed_step",
        step_id=group.step_id,
        step_type=step_type_of(group.step_type),
        executor_type="workflow",
        executor_name=run.workflow_name or "unnamed_executor",
        content=final_content(steps) if group.content is None else group.content,
        step_run_id=run.run_id,
        metrics=metrics,
        success=group.success,
        stop=group.stop,
        steps=(steps or None) if group.ran else None,
    )


def _edited(output: StepOutput, content: Any) -> StepOutput:
    steps = output.steps
    if steps:
        steps = [*steps[:-1], _edited(steps[-1], content)]
    return replace(output, content=content, steps=steps)
