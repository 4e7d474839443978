"""Runs steps of a compiled workflow one by one, as the activities do, and remembers what they wrote.

What a step is given and what it returns goes through JSON, as it does through a history, so that nothing gets from one
step to the next that is not written. The trees of outputs are put together by the tests: the interpreter is not here.
"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from agno.workflow import Workflow

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.agno_bridge.evaluate import evaluate
from agno_temporal.agno_bridge.execute import as_read_by, continue_leaf, run_leaf
from agno_temporal.agno_bridge.live import LiveLoop, LiveStep
from agno_temporal.agno_bridge.lookup import find
from agno_temporal.agno_bridge.request import request_of
from agno_temporal.agno_bridge.run_output import run_output
from agno_temporal.contract import names
from agno_temporal.contract.manifest import Manifest
from agno_temporal.contract.outputs import Leaf, Output
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import (
    ContinueTask,
    EndCheck,
    Evaluated,
    EvaluateTask,
    Extras,
    Flow,
    Named,
    RunFacts,
    StepResult,
    StepTask,
)
from agno_temporal.hitl import ToolAnswer
from agno_temporal.plan import walk
from agno_temporal.plan.data import from_json, to_json

T = TypeVar("T")

_pool = ThreadPoolExecutor(4)


async def in_thread(work: Callable[[], T], /) -> T:
    return await asyncio.wrap_future(_pool.submit(work))


def through_history(value: T) -> T:
    """The same data class, written and read."""
    return from_json(type(value), json.loads(json.dumps(to_json(value), allow_nan=False, sort_keys=True)))


def flow_of(*outputs: tuple[str | None, Output], **others: Any) -> Flow:
    """A flow with these earlier outputs; those with media hand them on."""
    media = tuple(output for _, output in outputs if output.media)
    return Flow(previous=tuple(Named(name, output) for name, output in outputs), media=media, **others)


class ByHand:
    """One run. `state` is the session state, as the history has it."""

    def __init__(self, workflow: Workflow, *arguments: Any, state: Any = None, **options: Any) -> None:
        self.compiled = compile_workflow(workflow)
        self.request: RunRequest = through_history(request_of(workflow, *arguments, session_state=state, **options))
        self.state: dict[str, Any] = dict(self.request.session_state or {})
        self.results: dict[str, StepResult] = {}
        self.facts = RunFacts(
            run_id="run-1",
            workflow_id=self.compiled.plan.workflow_id,
            session_id="session-1",
            plan_digest=self.compiled.plan.digest,
            user_id=self.request.user_id,
            metadata=self.request.metadata,
        )
        self._names = {node.path: node.name for node in walk(self.compiled.plan.steps)}
        self._occurrences: dict[str, int] = {}

    async def step(
        self, path: str, *previous: tuple[str | None, Output], flow: Flow | None = None, **others: Any
    ) -> Leaf:
        """Run a leaf, and apply what it did to the state. Nothing is inline: every earlier body is fetched."""
        result = await self.result(path, *previous, flow=flow, **others)
        self._apply(result)
        leaf = _leaf_of(f"{path}#{self._occurrences[path]}", result)
        self.results[leaf.activity_id] = result
        return leaf

    def _apply(self, result: StepResult) -> None:
        if result.change is not None:
            self.state = {
                key: value
                for key, value in {**self.state, **result.change.set}.items()
                if key not in result.change.removed
            }

    async def result(
        self,
        path: str,
        *previous: tuple[str | None, Output],
        flow: Flow | None = None,
        extras: Extras | None = None,
        end_check: EndCheck | None = None,
    ) -> StepResult:
        self._occurrences[path] = self._occurrences.get(path, 0) + 1
        task = through_history(
            StepTask(
                facts=self.facts,
                path=path,
                name=self._names[path],
                occurrence=self._occurrences[path],
                flow=flow or flow_of(*previous),
                state=self.state,
                extras=extras,
                end_check=end_check,
            )
        )
        live = find(self.compiled.live, path, task.name, LiveStep)
        loop = (
            find(self.compiled.live, end_check.loop_path, self._names[end_check.loop_path], LiveLoop)
            if end_check
            else None
        )
        task = as_read_by(live, task)
        return through_history(await run_leaf(live, task, self.request, self.fill(Bodies(task)), in_thread, loop=loop))

    async def go_on(self, path: str, paused: Leaf, turn: int = 1, **answers: ToolAnswer) -> Leaf:
        """Answer the tools of a step that paused, by the id of the call, and let it go on."""
        activity_id = names.continue_activity_id(paused.activity_id.partition(".")[0], turn)
        task = through_history(
            ContinueTask(
                facts=self.facts, path=path, name=self._names[path], paused=paused, answers=answers, state=self.state
            )
        )
        live = find(self.compiled.live, path, task.name, LiveStep)
        result = through_history(await continue_leaf(live, task, self.request, self.fill(Bodies(task)), in_thread))
        self._apply(result)
        self.results[activity_id] = result
        return _leaf_of(activity_id, result)

    async def ask(self, path: str, what: str, *previous: tuple[str | None, Output], **others: Any) -> Evaluated:
        task = through_history(
            EvaluateTask(
                facts=self.facts,
                path=path,
                name=self._names[path],
                what=what,
                flow=others.pop("flow", None) or flow_of(*previous),
                state=self.state,
                **others,
            )
        )
        live = self.compiled.live[path]
        return through_history(await evaluate(live, task, self.request, self.fill(Bodies(task)), in_thread))

    def fill(self, bodies: Bodies) -> Bodies:
        for leaf in bodies.missing():
            bodies.add(leaf.activity_id, self.results[leaf.activity_id].body)
        return bodies

    def manifest(self, *results: Output, **others: Any) -> Manifest:
        """The run as the interpreter would report it; completed unless `status` says otherwise."""
        given: dict[str, Any] = {"status": "COMPLETED", "created_at": 1_700_000_000, "duration": 1.0, **others}
        if given["status"] == "COMPLETED" and results:
            given.setdefault("content_of", results[-1])
        plan = self.compiled.plan
        return Manifest(
            run_id=self.facts.run_id,
            workflow_id=plan.workflow_id,
            workflow_name=plan.workflow_name,
            session_id=self.facts.session_id,
            user_id=self.facts.user_id,
            metadata=self.facts.metadata,
            step_results=results,
            store_executor_outputs=plan.store_executor_outputs,
            **given,
        )

    def run(self, *results: Output, lenient: bool = True, **others: Any) -> Any:
        """agno's run object, from a manifest of these results."""
        manifest = through_history(self.manifest(*results, **others))
        return run_output(manifest, self.fill(Bodies(manifest, lenient=lenient)), self.request)

    def edited(self, output: Any, content: Any) -> Any:
        return replace(output, edited=content, has_edit=True)


def _leaf_of(activity_id: str, result: StepResult) -> Leaf:
    return Leaf(
        activity_id,
        result.digest,
        result.size,
        success=result.success,
        stop=result.stop,
        media=result.media,
        error=result.error,
    )
