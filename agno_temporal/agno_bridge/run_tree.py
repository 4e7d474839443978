"""The runs inside a run: those of agents and teams, and those of nested workflows.

agno appends them while it runs; here they are read off the tree of outputs, in its order. Two kinds would be lost on
the way and are not. A step whose output a reviewer rejected has left the tree, but what its agent did was done and paid
for, so its run stays, where its step stands. And a nested workflow is inlined here, but a run of its own in agno: it is
shown with its input, media, metrics and results, as the parent of the runs in it (agno/workflow/step.py:2930-2945).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.executor_runs import ExecutorRun
from agno_temporal.agno_bridge.media import MEDIA
from agno_temporal.agno_bridge.step_inputs import media_of, request_media, run_input
from agno_temporal.agno_bridge.step_outputs import final_content, step_output, workflow_metrics
from agno_temporal.agno_bridge.values import decode
from agno_temporal.contract.manifest import Manifest
from agno_temporal.contract.outputs import Group, Leaf, NestedRun, Output, leaves
from agno_temporal.contract.request import RunRequest

InnerRun: TypeAlias = ExecutorRun | WorkflowRunOutput


class RunTree:
    """Reads the runs off a manifest's outputs."""

    def __init__(self, manifest: Manifest, bodies: Bodies, request: RunRequest) -> None:
        self._manifest = manifest
        self._bodies = bodies
        self._request = request

    def runs(self, outputs: list[Output]) -> list[InnerRun] | None:
        """agno's `step_executor_runs`: None where there are none, or the workflow keeps none.

        Args:
            outputs: The run's top-level outputs.
        """
        if not self._manifest.store_executor_outputs:
            return None
        return list(self._below(self._by_step(outputs), self._manifest.run_id)) or None

    def _by_step(self, outputs: list[Output]) -> list[Output]:
        """In the order of the top-level steps, with the reviewed outputs that are in no result any more."""
        kept = {mark for output in outputs for mark in _marks(output)}
        reviewed = [(asked.requirement.step_index, asked.output) for asked in self._manifest.asked if asked.output]
        known = {mark: index for index, output in reviewed for mark in _marks(output)}
        placed = [
            (_top_level(output, known, index), output) for index, output in reviewed if kept.isdisjoint(_marks(output))
        ]
        index = -1
        for output in outputs:
            index = _top_level(output, known, index + 1)
            placed.append((index, output))
        return [output for _, output in sorted(placed, key=lambda one: one[0])]

    def _below(self, outputs: Iterable[Output], parent: str) -> Iterator[InnerRun]:
        for output in outputs:
            match output:
                case Leaf():
                    yield from self._of_leaf(output, parent)
                case Group(run=NestedRun() as run):
                    yield self._nested(output, run, parent)
                case Group():
                    yield from self._below(output.steps, parent)

    def _of_leaf(self, leaf: Leaf, parent: str) -> Iterator[ExecutorRun]:
        """A member's run belongs to its team; every other one was recorded under the id of the whole run."""
        for run in self._bodies.runs(leaf):
            if run.parent_run_id == self._manifest.run_id:
                run.parent_run_id = parent
            yield run

    def _nested(self, group: Group, run: NestedRun, parent: str) -> WorkflowRunOutput:
        results = [step_output(step, self._bodies) for step in group.steps]
        media: dict[str, Any] = self._media([*run.media, *group.steps]) if group.ran else {}
        metadata: Any = decode(run.metadata, self._bodies.lenient)
        return WorkflowRunOutput(
            input=run_input(run.input, self._request, self._bodies),
            content=final_content(results) if group.content is None else group.content,
            workflow_id=run.workflow_id,
            workflow_name=run.workflow_name,
            run_id=run.run_id,
            session_id=self._manifest.session_id,
            user_id=self._manifest.user_id,
            parent_run_id=parent,
            workflow_step_id=group.step_id,
            step_results=[*results] if group.ran else [],
            step_executor_runs=list(self._below(group.steps, run.run_id)) or None,
            metrics=workflow_metrics(results, run.duration),
            metadata=metadata,
            created_at=self._manifest.created_at,
            status=RunStatus.completed if group.success else RunStatus.error,
            **media,
        )

    def _media(self, outputs: list[Output]) -> dict[str, list[Any]]:
        return {
            kind: [
                *request_media(kind, self._request, self._bodies),
                *(item for output in outputs for item in media_of(kind, output, self._bodies)),
            ]
            for kind in MEDIA
        }


def _marks(output: Output) -> Iterator[str]:
    """What tells an output from all others: the activities below it, and the nested runs."""
    if isinstance(output, Leaf):
        yield output.activity_id
    elif isinstance(output, Group):
        if output.run is not None:
            yield output.run.run_id
        for step in output.steps:
            yield from _marks(step)


def _top_level(output: Output, known: dict[str, int], otherwise: int) -> int:
    """Which top-level step it is of: activity ids begin with that (`contract.names`), and a review knows it."""
    first = next(leaves(output), None)
    if first is not None:
        return int(first.activity_id.partition("#")[0].partition("/")[0])
    return next((known[mark] for mark in _marks(output) if mark in known), otherwise)
