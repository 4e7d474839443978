"""agno's `StepInput`, made of a flow.

agno hands one dict of earlier outputs, one `additional_data` and four lists of media to every step of a run, so that
what one step does to them is seen by the next (agno/workflow/workflow.py:2806), and what a human fills in for one step
stays for all that follow (docs/differences.md, D5). Here every step gets its own.
"""

from __future__ import annotations

from typing import Any, assert_never

from agno.utils.agent import validate_input
from agno.workflow import Workflow
from agno.workflow.types import StepInput, StepOutput

from agno_temporal.agno_bridge.bodies import Bodies, media_leaves
from agno_temporal.agno_bridge.media import MEDIA, read_media
from agno_temporal.agno_bridge.step_outputs import deepest_content, step_output
from agno_temporal.agno_bridge.values import decode
from agno_temporal.contract.outputs import InputSource, MessageOf, Output, Query, RunInput
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import Extras, Flow


def step_input(flow: Flow, request: RunRequest, bodies: Bodies, extras: Extras | None = None) -> StepInput:
    """agno's input for a step, or for a callable of a container.

    `previous_step_content` is the last output's own content, as a container's callable sees it; agno's `Step` replaces
    it by the deepest content below when it runs (agno/workflow/step.py:1117).

    Args:
        extras: What a human decided for the step. It stands in `additional_data` under agno's own keys.
    """
    previous: dict[Any, StepOutput] = {named.name: step_output(named.output, bodies) for named in flow.previous}
    last = next(reversed(previous.values()), None)
    media: dict[str, Any] = {kind: _media(kind, request, flow.media, bodies) for kind in MEDIA}
    return StepInput(
        input=run_input(flow.input, request, bodies),
        previous_step_content=None if last is None else last.content,
        previous_step_outputs=previous,
        additional_data=_additional_data(flow, request, bodies, extras),
        **media,
    )


def run_input(source: InputSource, request: RunRequest, bodies: Bodies) -> Any:
    """The input of the run, or of a nested workflow (agno/workflow/step.py:2663)."""
    match source:
        case RunInput():
            return decode(request.input, bodies.lenient)
        case Query():
            return source.text
        case MessageOf():
            return deepest_content(step_output(source.output, bodies)) or run_input(source.otherwise, request, bodies)
        case unreachable:
            assert_never(unreachable)


def fit_input(given: StepInput, owner: Workflow, flow: Flow) -> None:
    """Apply the `input_schema` of a step's workflow: a run may be started from another language with plain JSON, and a
    nested workflow's message is known only here. What a workflow's agent asks for is text, whatever the schema.

    Raises:
        ValueError: The input does not fit.
    """
    if isinstance(flow.input, Query):
        return
    given.input = validated_input(owner, given.input)


def validated_input(workflow: Workflow, input: Any) -> Any:
    """The input as agno's `run` makes it (agno/workflow/workflow.py:10605); unchanged where there is no `input_schema`.

    Raises:
        ValueError: It does not fit.
    """
    if workflow.input_schema is None:
        return input
    if input is None:
        raise ValueError("Input is required when input_schema is provided")
    return validate_input(input, workflow.input_schema)


def request_media(kind: str, request: RunRequest, bodies: Bodies) -> list[Any]:
    """The media that came with the request."""
    return read_media(kind, getattr(request, kind), bodies.lenient) or []


def media_of(kind: str, output: Output, bodies: Bodies) -> list[Any]:
    """The media that an output hands on to later steps."""
    return [item for leaf in media_leaves(output) for item in getattr(bodies.output(leaf), kind) or []]


def _media(kind: str, request: RunRequest, outputs: tuple[Output, ...], bodies: Bodies) -> list[Any]:
    return request_media(kind, request, bodies) + [item for one in outputs for item in media_of(kind, one, bodies)]


def _additional_data(flow: Flow, request: RunRequest, bodies: Bodies, extras: Extras | None) -> Any:
    """The run's data, with a human's answer under the keys that agno's `continue_run` uses (workflow.py:7009-7133)."""
    given: Any = decode(request.additional_data, bodies.lenient) if flow.with_additional_data else None
    added: dict[str, Any] = {}
    if extras is not None:
        if extras.user_input:
            added["user_input"] = decode(extras.user_input, bodies.lenient)
        if extras.rejection_feedback:
            added["rejection_feedback"] = extras.rejection_feedback
        if extras.previous_output is not None and (content := step_output(extras.previous_output, bodies).content):
            added["previous_output"] = str(content)
    return {**(given or {}), **added} if added else given
