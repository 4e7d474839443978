"""A function in the place of a workflow's steps: `Workflow(steps=function)`.

It is the whole workflow, and nobody can look into it: one activity runs it, with no gate inside, and a crash of its
worker runs it again from its start. What it returns is the run's content, unchanged; there are no steps to show.

agno calls it by the names of its parameters (agno/workflow/workflow.py:3852): `workflow`, `execution_input`,
`session_state`, and whatever else the caller gave to `run`. For the state agno passes the workflow's default, or under
`arun` the dict that the caller passed; here it is the run's, and what is written into it is kept (docs/differences.md).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.decorators import get_pause_metadata
from agno.workflow.types import StepInput, StepOutput, WorkflowExecutionInput

from agno_temporal.agno_bridge.callables import refuse_placeholder
from agno_temporal.agno_bridge.callers import RunInThread, plain_callable, settled
from agno_temporal.agno_bridge.live import LiveStep
from agno_temporal.agno_bridge.media import MEDIA
from agno_temporal.agno_bridge.refusals import Report
from agno_temporal.agno_bridge.values import decode
from agno_temporal.contract.request import RunRequest

_GIVEN_BY_AGNO = frozenset({"workflow", "execution_input", "session_state"})


def workflow_function(workflow: Workflow, step_id: str, report: Report) -> LiveStep | None:
    """The function that stands for a workflow's steps, as a leaf; None where there are steps."""
    function: Any = workflow.steps
    if not callable(function):
        return None
    refuse_placeholder("steps", function, report)
    if get_pause_metadata(function):
        report("@pause on a function that is the whole workflow is ignored by agno. Make it a step: steps=[function].")
    name = getattr(function, "__name__", type(function).__name__)
    step = Step(name=name, executor=function, step_id=step_id, max_retries=0, human_review=HumanReview())
    return LiveStep(step, workflow, function)


def unknown_arguments(workflow: Workflow, names: Iterable[str]) -> list[str]:
    """Those that `run` does not take: agno drops them, or hands them to a function that asks for them."""
    function: Any = workflow.steps
    if not callable(function):
        return sorted(names)
    parameters = inspect.signature(function).parameters
    if _takes_any(parameters):
        return sorted(_GIVEN_BY_AGNO.intersection(names))
    return sorted(set(names) - (parameters.keys() - _GIVEN_BY_AGNO))


async def call_workflow_function(
    live: LiveStep, given: StepInput, state: dict[str, Any], request: RunRequest | None, run_in_thread: RunInThread
) -> StepOutput:
    """Call it once. A generator's chunks are joined, as in agno.

    Args:
        request: The run's own. None for a nested workflow, which is given no argument of the run's.
    """
    function: Any = live.function
    call = partial(function, **_arguments(live, given, state, request))
    plain: Any = plain_callable(function)
    content: Any
    if inspect.isasyncgenfunction(plain):
        content = "".join([_text(chunk) async for chunk in call()])
    elif inspect.isgeneratorfunction(plain):
        content = await run_in_thread(lambda: "".join(map(_text, call())))
    elif inspect.iscoroutinefunction(plain):
        content = await call()
    else:
        content = await settled(await run_in_thread(call))
    return StepOutput(content=content)


def _arguments(live: LiveStep, given: StepInput, state: dict[str, Any], request: RunRequest | None) -> dict[str, Any]:
    media: dict[str, Any] = {kind: getattr(given, kind) for kind in MEDIA}
    more: Any = {}
    if request is not None:
        media = {kind: items if getattr(request, kind) is not None else None for kind, items in media.items()}
        more = decode(request.kwargs) or {}
    known: dict[str, Any] = {
        "workflow": live.owner,
        "execution_input": WorkflowExecutionInput(given.input, given.additional_data, **media),
        "session_state": state,
    }
    function: Any = live.function
    parameters = inspect.signature(function).parameters
    taken = {*parameters, "session_state"} if _takes_any(parameters) else parameters.keys()
    return {**{name: value for name, value in known.items() if name in taken}, **more}


def _takes_any(parameters: Mapping[str, inspect.Parameter]) -> bool:
    """Whether there are ``**kwargs``. In these agno gives the state too (agno/workflow/workflow.py:3877)."""
    return any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def _text(chunk: Any) -> str:
    content = getattr(chunk, "content", None)
    return content if isinstance(content, str) else str(chunk)
