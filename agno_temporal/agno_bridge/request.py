"""A run's request: made of the arguments of agno's `Workflow.run`, and checked where it arrives.

A request may come from any Temporal client in any language, so it is only believed after the worker has read it. agno
checks the input against `input_schema` and nothing else: a list for `additional_data` fails in some step's code, and
media that it cannot read are left out with a log line. Here both are refused before the run has a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agno.media import Audio, File, Image, Video
from agno.workflow import Workflow

from agno_temporal.agno_bridge.media import MEDIA, read_media, write_media
from agno_temporal.agno_bridge.session_state import encode_state
from agno_temporal.agno_bridge.step_inputs import validated_input
from agno_temporal.agno_bridge.values import NotSerialisable, decode, encode
from agno_temporal.agno_bridge.workflow_function import unknown_arguments
from agno_temporal.contract.request import RunRequest
from agno_temporal.plan.data import Json
from agno_temporal.plan.tagged import TAG

_OBJECTS = ("additional_data", "session_state", "dependencies", "metadata", "kwargs")


class InvalidInput(ValueError):
    """The request does not fit the workflow. Trying again is of no use."""


def request_of(
    workflow: Workflow,
    /,
    input: Any = None,
    *,
    additional_data: dict[str, Any] | None = None,
    user_id: str | None = None,
    session_id: str | None = None,
    session_state: dict[str, Any] | None = None,
    audio: Sequence[Audio] | None = None,
    images: Sequence[Image] | None = None,
    videos: Sequence[Video] | None = None,
    files: Sequence[File] | None = None,
    dependencies: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    add_dependencies_to_context: bool | None = None,
    add_session_state_to_context: bool | None = None,
    stream: bool = False,
    stream_events: bool = False,
    **kwargs: Any,
) -> RunRequest:
    """The request for a run, from the arguments of `Workflow.run` (agno/workflow/workflow.py:10577).

    Args:
        kwargs: For a function in the place of the workflow's steps.

    Raises:
        TypeError: One of `kwargs` is no option of agno's, and no such function asks for it.
        InvalidInput: The input breaks the workflow's `input_schema`.
        NotSerialisable: An argument cannot be kept, such as a function among the dependencies.
    """
    if unknown := unknown_arguments(workflow, kwargs):
        raise TypeError(f"run() has no option {', '.join(map(repr, unknown))}.")
    return RunRequest(
        input=kept(_fitted(workflow, input), "input"),
        additional_data=kept(additional_data, "additional_data"),
        session_id=session_id,
        user_id=user_id,
        session_state=kept_state(session_state),
        images=write_media(images, "images"),
        videos=write_media(videos, "videos"),
        audio=write_media(audio, "audio"),
        files=write_media(files, "files"),
        dependencies=kept(dependencies, "dependencies"),
        metadata=kept(metadata, "metadata"),
        add_dependencies_to_context=add_dependencies_to_context,
        add_session_state_to_context=add_session_state_to_context,
        stream=stream,
        stream_events=stream and stream_events,
        kwargs=kept(kwargs, "kwargs") if kwargs else None,
    )


def kept(value: Any, name: str, encode: Callable[[Any, str], Any] = encode) -> Any:
    """An argument as it is kept. What is said of one that cannot be is meant for a caller, and not for a step.

    Raises:
        NotSerialisable: It cannot.
    """
    try:
        return encode(value, name)
    except NotSerialisable as error:
        remedy = error.remedy.replace("Return ", "Pass ").replace(" return ", " pass ")
        if name == "dependencies":
            remedy += " Or give it to the workflow itself, on the workers: Workflow(dependencies=...)."
        raise NotSerialisable(error.where, error.type_name, remedy) from None


def kept_state(values: dict[str, Any] | None) -> Json:
    """The same for a session state."""
    return None if values is None else kept(values, "session_state", encode_state)


def refuse_no_objects(request: RunRequest) -> None:
    """Whether a request has objects where agno takes dicts. It is asked before the start, and of what arrives.

    Raises:
        InvalidInput: It has not. The message names the field.
    """
    for name in _OBJECTS:
        if not isinstance(value := getattr(request, name), dict | None):
            raise InvalidInput(f"{name} is an object, not {type(value).__name__}.")


def check_request(request: RunRequest, workflow: Workflow) -> None:
    """Whether a request fits the workflow.

    Raises:
        InvalidInput: It does not. The message names the field.
        TypeNotLoaded: Its input is of a class that this worker has not loaded.
    """
    refuse_no_objects(request)
    if unknown := unknown_arguments(workflow, request.kwargs or ()):
        raise InvalidInput(f"kwargs: the workflow takes no {', '.join(map(repr, unknown))}.")
    for kind in MEDIA:
        _check_media(kind, getattr(request, kind))
    _fitted(workflow, decode(request.input))


def _check_media(kind: str, items: Json) -> None:
    """What `write_media` wrote is not read again for this: it may be megabytes."""
    if isinstance(items, list) and all(isinstance(item, dict) and TAG in item for item in items):
        return
    try:
        read_media(kind, items)
    except ValueError as error:
        raise InvalidInput(str(error)) from error


def _fitted(workflow: Workflow, input: Any) -> Any:
    try:
        return validated_input(workflow, input)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
