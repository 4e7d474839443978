"""agno's own events, made of the facts that the interpreter keeps (`contract.events`).

Every field is as agno's `arun(stream=True)` and `acontinue_run(stream=True)` fill it. Events of an executor went
through agno's enrichment while they were made; here they go through the same functions of agno's when they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final

from agno.run.base import RunStatus
from agno.run.workflow import (
    WORKFLOW_RUN_EVENT_TYPE_REGISTRY,
    StepProgressEvent,
    WorkflowRunEvent,
    WorkflowRunOutput,
)
from agno.workflow import Step, Workflow
from agno.workflow.types import ExecutorType, StepOutput

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.executor_events import Reader
from agno_temporal.agno_bridge.requirements import step_requirement
from agno_temporal.agno_bridge.run_tree import RunTree
from agno_temporal.agno_bridge.shown_events import kept
from agno_temporal.agno_bridge.step_outputs import step_output
from agno_temporal.agno_bridge.workflow_agent import answered_directly
from agno_temporal.contract.events import EXECUTOR, Event, EventPage
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.outputs import Group
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Actor, Requirement

_CLASSES: Final[Mapping[str, type[Any]]] = WORKFLOW_RUN_EVENT_TYPE_REGISTRY

_ENRICH_STEP: Final[Any] = Step._enrich_event_with_context
_ENRICH_WORKFLOW: Final[Any] = Workflow._enrich_event_with_workflow_context
"""For what they need of their objects, two or three attributes stand in."""


class EventReader:
    """Makes agno's events of one page of facts.

    Args:
        page: The facts.
        bodies: Made of the page, with nothing missing.
        request: The run's request.
        run: The run as it ended, once it has.
        continued: The run was paused before: agno's last event then lacks the run itself.
    """

    def __init__(
        self,
        page: EventPage,
        bodies: Bodies,
        request: RunRequest,
        run: WorkflowRunOutput | None,
        continued: bool,
    ) -> None:
        self._page = page
        self._bodies = bodies
        self._request = request
        self._run = run
        self._continued = continued
        self._runs = {run.id: run for run in page.runs}
        self._requirements = {one.id: one for one in page.requirements}

    def read(self, fact: Event) -> list[Any]:
        """The events of one fact: one, or as many as it counts."""
        if fact.kind == EXECUTOR:
            return list(self._of_executor(fact))
        event = _CLASSES[fact.kind](**{**self._identity(fact), **self._facts(fact)})
        return [event]

    def _of_executor(self, fact: Event) -> Iterator[Any]:
        reader = Reader(self._bodies.lenient)
        for written in self._bodies.executor_events(fact.activity_id or ""):
            event = reader.read(written)
            place_in_run(event, fact, self._page)
            yield event

    def _identity(self, fact: Event) -> dict[str, Any]:
        run = self._runs[fact.run]
        identity: dict[str, Any] = {
            "created_at": int(fact.at),
            "run_id": fact.run or self._page.run_id,
            "workflow_id": run.workflow_id,
            "workflow_name": run.workflow_name,
            "session_id": self._page.session_id,
            "parent_step_id": fact.parent_step_id or run.host_step_id,
            "nested_depth": run.depth,
        }
        if fact.step_index is not None:
            step = {"step_name": fact.step_name, "step_id": fact.step_id, "step_index": _index(fact)}
            identity.update(step)
        return identity

    def _facts(self, fact: Event) -> dict[str, Any]:
        """What an event says beside where it happened."""
        results: dict[str, Any]
        match WorkflowRunEvent(fact.kind):
            case WorkflowRunEvent.workflow_completed:
                return self._completed(fact)
            case WorkflowRunEvent.workflow_agent_completed:
                output = self._output(fact)
                return {"content": output.content, "run_id": output.step_run_id}
            case WorkflowRunEvent.workflow_cancelled:
                return {"reason": fact.text, "content": fact.text}
            case WorkflowRunEvent.workflow_error | WorkflowRunEvent.step_error:
                return {"error": fact.text}
            case WorkflowRunEvent.step_completed:
                output = self._output(fact)
                return {"content": output.content, "step_response": output}
            case WorkflowRunEvent.step_output:
                output = self._output(fact)
                return {"step_output": output, "step_name": output.step_name}
            case WorkflowRunEvent.loop_execution_started:
                return {"max_iterations": fact.limit}
            case WorkflowRunEvent.loop_iteration_started:
                return {"iteration": fact.number, "max_iterations": fact.limit}
            case WorkflowRunEvent.loop_iteration_completed:
                results = {"iteration_results": self._outputs(fact), "should_continue": fact.flag}
                return {"iteration": fact.number, "max_iterations": fact.limit, **results}
            case WorkflowRunEvent.loop_execution_completed:
                results = {"all_results": _split(self._outputs(fact), fact.lengths)}
                return {"total_iterations": fact.number, "max_iterations": fact.limit, **results}
            case WorkflowRunEvent.parallel_execution_started:
                return {"parallel_step_count": fact.limit}
            case WorkflowRunEvent.parallel_execution_completed:
                return {"parallel_step_count": fact.limit, "step_results": self._outputs(fact)}
            case WorkflowRunEvent.condition_execution_started:
                return {"condition_result": fact.flag}
            case WorkflowRunEvent.condition_execution_completed:
                branch = {"condition_result": fact.flag, "branch": fact.text}
                return {**branch, "executed_steps": fact.number, "step_results": self._outputs(fact)}
            case WorkflowRunEvent.router_execution_started:
                return {"selected_steps": list(fact.names)}
            case WorkflowRunEvent.router_execution_completed:
                results = {"executed_steps": fact.number, "step_results": self._outputs(fact)}
                return {"selected_steps": list(fact.names), **results}
            case WorkflowRunEvent.steps_execution_started:
                return {"steps_count": fact.limit}
            case WorkflowRunEvent.steps_execution_completed:
                results = {"executed_steps": fact.number, "step_results": self._outputs(fact)}
                return {"steps_count": fact.limit, **results}
            case WorkflowRunEvent.step_paused | WorkflowRunEvent.router_paused | WorkflowRunEvent.step_output_review:
                return self._asked(fact)
            case WorkflowRunEvent.step_executor_paused:
                return self._executor_paused(fact)
            case WorkflowRunEvent.step_executor_continued:
                return self._executor_continued(fact)
            case _:
                return {}

    def _asked(self, fact: Event) -> dict[str, Any]:
        """What a pause asks, as agno tells it (agno/workflow/utils/hitl.py:129-207). Nothing of what its run has
        forgotten."""
        requirement = self._requirements.get(fact.requirement_id or "")
        if requirement is None:
            return {}
        shown = step_requirement(Asked(requirement, None), self._request, self._bodies)
        match WorkflowRunEvent(fact.kind):
            case WorkflowRunEvent.step_output_review:
                return {"output_review_message": shown.output_review_message}
            case WorkflowRunEvent.router_paused:
                return {
                    "available_choices": list(shown.available_choices or ()),
                    "user_input_message": shown.user_input_message,
                    "allow_multiple_selections": shown.allow_multiple_selections,
                }
        schema = shown.user_input_schema
        return {
            "requires_confirmation": shown.requires_confirmation,
            "confirmation_message": shown.confirmation_message,
            "requires_user_input": _has_form(requirement),
            "user_input_message": shown.user_input_message,
            "user_input_schema": [field.to_dict() for field in schema] if schema else None,
        }

    def _executor_paused(self, fact: Event) -> dict[str, Any]:
        """agno/workflow/utils/hitl.py:630."""
        requirement = self._requirements.get(fact.requirement_id or "")
        if requirement is None:
            return {}
        shown = step_requirement(Asked(requirement, None, fact.output), self._request, self._bodies)
        return {
            "executor_id": shown.executor_id,
            "executor_name": shown.executor_name,
            "executor_run_id": shown.executor_run_id,
            "executor_type": shown.executor_type,
            "executor_requirements": shown.executor_requirements,
        }

    def _executor_continued(self, fact: Event) -> dict[str, Any]:
        """agno/workflow/workflow.py:9640."""
        requirement = self._requirements.get(fact.requirement_id or "")
        if requirement is None:
            return {}
        executor = requirement.executor
        assert executor is not None
        return {"executor_name": executor.name, "executor_type": ExecutorType(executor.type)}

    def _completed(self, fact: Event) -> dict[str, Any]:
        run = self._run if not fact.run else self._nested(fact)
        if run is None:
            return {}
        if not fact.run and answered_directly(run):
            return {"content": run.content, "step_results": [], "metadata": {"agent_direct_response": True}}
        cancelled = run.status == RunStatus.cancelled
        return {
            "content": run.content,
            "step_results": run.step_results,
            "step_executor_runs": None if cancelled and not self._continued else run.step_executor_runs,
            "metadata": run.metadata,
            "metrics": run.metrics,
            "run_output": run if fact.run or not self._continued else None,
        }

    def _nested(self, fact: Event) -> WorkflowRunOutput:
        """A nested workflow's run, as it is shown among the runs of the whole (`run_tree`)."""
        group = fact.output
        assert isinstance(group, Group)
        assert group.run is not None
        manifest = Manifest(
            run_id=self._page.run_id,
            workflow_id=self._runs[""].workflow_id,
            status="RUNNING",
            created_at=int(fact.at - group.run.duration),
            session_id=self._page.session_id,
            user_id=self._page.user_id,
        )
        runs = RunTree(manifest, self._bodies, self._request).runs([group]) or []
        run = next(run for run in runs if isinstance(run, WorkflowRunOutput))
        run.parent_run_id = run.workflow_step_id = None  # agno sets them once it has told.
        return run

    def _output(self, fact: Event) -> StepOutput:
        assert fact.output is not None
        return step_output(fact.output, self._bodies)

    def _outputs(self, fact: Event) -> list[StepOutput]:
        return [step_output(output, self._bodies) for output in fact.outputs]


def _index(fact: Event) -> int | tuple[int, ...] | None:
    """A workflow's own step has a number, and a step further in a tuple of them."""
    if fact.step_index is None:
        return None
    return fact.step_index[0] if len(fact.step_index) == 1 else fact.step_index


def _split(outputs: list[StepOutput], lengths: tuple[int, ...]) -> list[list[StepOutput]]:
    rest = iter(outputs)
    return [[next(rest) for _ in range(length)] for length in lengths]


def _has_form(requirement: Requirement) -> bool:
    return requirement.schema is not None


def place_in_run(event: Any, fact: Event, page: EventPage) -> None:
    """Give an executor's event what agno's step and workflow give it on its way out (agno/workflow/step.py:1370,
    agno/workflow/workflow.py:2680). Of an executor that is no step's it comes out as it is."""
    if fact.step_index is None:
        return
    run = next(run for run in page.runs if run.id == fact.run)
    within = SimpleNamespace(
        workflow_id=run.workflow_id,
        workflow_name=run.workflow_name,
        run_id=page.run_id,
        session_id=page.session_id,
    )
    step = SimpleNamespace(step_id=fact.step_id, name=fact.step_name)
    _ENRICH_STEP(step, event, within, _index(fact))
    _ENRICH_WORKFLOW(None, event, within, _index(fact), step)
    if hasattr(event, "parent_step_id") and event.parent_step_id is None:
        event.parent_step_id = fact.parent_step_id or run.host_step_id
    if isinstance(event, StepProgressEvent):
        event.run_id = fact.run or page.run_id
    if hasattr(event, "nested_depth"):
        event.nested_depth += run.depth


def stored_events(manifest: Manifest, run: WorkflowRunOutput, bodies: Bodies, request: RunRequest) -> list[Any] | None:
    """agno's `events` of a run with `store_events`: those that it streamed. Of a run that was not streamed, agno keeps
    only that it went on (agno/workflow/workflow.py:7340)."""
    stored = manifest.events
    if stored is None:
        return None
    page = EventPage(
        manifest.run_id,
        manifest.session_id,
        runs=stored.runs,
        requirements=tuple(asked.requirement for asked in manifest.asked),
        user_id=manifest.user_id,
    )
    reader = EventReader(page, bodies, request, run, was_continued(manifest))
    facts = stored.events if stored.streamed else [fact for fact in stored.events if fact.kind in _CONTINUED]
    events = [event for fact in facts for event in reader.read(fact)]
    return kept(events, stored.stream_events, stored.skipped) or None


def was_continued(manifest: Manifest) -> bool:
    """Whether somebody decided in the run: then agno would have continued it."""
    decided = (asked.resolution for asked in manifest.asked)
    return any(one is not None and one.decision.decided_by != Actor.CANCEL for one in decided)


_CONTINUED: Final = frozenset({WorkflowRunEvent.step_continued.value, WorkflowRunEvent.step_executor_continued.value})
