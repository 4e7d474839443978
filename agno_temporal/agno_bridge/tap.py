"""Listening to an executor while agno's step runs it, without a difference in what the step does.

agno's streamed and plain runs disagree: of an agent that cannot reach its model, one raises and the other returns the
error (docs/differences.md, D42). A run must not depend on whether somebody watches. So the step itself is always run
plainly, and only its executor is another: an agent or a team that streams, of which the step sees the run's output, and
a generator function whose items are noted as they pass.

How much is kept is bounded: `FREELY` bytes of a step's events as they come; after that, pieces of one text are joined,
of an answer or of its reasoning, unless they bring something beside it; and after `AT_MOST`, only the events that end a
run are kept.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

from agno.run.agent import RunContentEvent, RunOutput
from agno.run.base import BaseRunOutputEvent
from agno.run.team import RunContentEvent as TeamRunContentEvent
from agno.run.team import TeamRunOutput
from agno.run.workflow import StepProgressEvent
from agno.team import Team
from agno.utils.log import logger
from agno.workflow import Step
from agno.workflow.step import (
    _EXECUTOR_ERROR_EVENT_TYPES,
    _EXECUTOR_TERMINAL_EVENT_TYPES,
    _is_async_generator_function,
    _is_generator_function,
)
from agno.workflow.types import StepProgress

from agno_temporal.agno_bridge.executor_events import Unwritable, Writer
from agno_temporal.plan.data import Json

FREELY: Final = 256 * 1024

AT_MOST: Final = 512 * 1024

_LAST: Final = (*_EXECUTOR_TERMINAL_EVENT_TYPES, *_EXECUTOR_ERROR_EVENT_TYPES)


class Tap:
    """What one attempt's executor says.

    Args:
        where: The step, for a warning.
        stream_events: All of agno's events, not only the pieces of the answer.
        ends_only: Only the events that end a run (agno's `stream_executor_events=False`).
        attempt: The attempt's number, for agno's progress events.
        tell: Called when there is more.
        in_front: Of a workflow's agent only the pieces of its answer are told, marked as its own
            (agno/workflow/workflow.py:6259).
    """

    def __init__(
        self,
        where: str,
        stream_events: bool,
        ends_only: bool = False,
        attempt: int = 1,
        tell: Callable[[], None] | None = None,
        in_front: bool = False,
    ) -> None:
        self.stream_events = stream_events
        self.events: list[Json] = []
        self._where = where
        self._ends_only = ends_only
        self._attempt = attempt
        self._tell = tell
        self._in_front = in_front
        self._writer = Writer(where)
        self._size = 0
        self._joined: _Text | None = None

    def take(self, event: Any) -> None:
        """Note an event of an executor; anything else is not for readers."""
        if self._in_front:
            if isinstance(event, RunContentEvent):
                event.workflow_agent = True
                self._keep(event)
        elif isinstance(event, StepProgress):
            if self.stream_events:
                self._keep(StepProgressEvent(attempt=self._attempt, content=event.content, data=event.data))
        elif isinstance(event, BaseRunOutputEvent) and (not self._ends_only or isinstance(event, _LAST)):
            self._keep(event)

    def close(self) -> list[Json]:
        """Everything that is kept."""
        self._flush()
        return self.events

    def _keep(self, event: Any) -> None:
        if self._size > AT_MOST and not isinstance(event, _LAST):
            return
        if self._size < FREELY or (field := _text_field(event)) is None:
            self._flush()
            self._add(event)
            return
        beside = _beside_text(event)
        if self._joined is None or not self._joined.takes(field, beside):
            self._flush()
            self._joined = _Text(event, field, beside)
        self._joined.add(event)
        if self._size + self._joined.size > AT_MOST:
            self._flush()

    def _flush(self) -> None:
        joined, self._joined = self._joined, None
        if joined is not None:
            self._add(joined.whole())

    def _add(self, event: Any) -> None:
        try:
            written = self._writer.write(event)
        except Unwritable as error:
            logger.warning("%s: an event of its executor is not shown: %s", self._where, error)
            return
        self._size += len(json.dumps(written))
        self.events.append(written)
        if self._tell is not None:
            self._tell()


class _Text:
    """Pieces that differ in nothing but what they add to one text: they come to be one event, that of the first."""

    def __init__(self, first: Any, field: str, beside: dict[str, Any]) -> None:
        self._first = copy.copy(first)
        self._field = field
        self._beside = beside
        self._pieces: list[str] = []
        self.size = 0

    def takes(self, field: str, beside: dict[str, Any]) -> bool:
        return field == self._field and beside == self._beside

    def add(self, event: Any) -> None:
        piece = getattr(event, self._field)
        self._pieces.append(piece)
        self.size += len(json.dumps(piece))

    def whole(self) -> Any:
        setattr(self._first, self._field, "".join(self._pieces))
        return self._first


_TEXTS: Final = ("content", "reasoning_content")


def _text_field(event: Any) -> str | None:
    """Where a piece has its text; None of what is no piece, or one of two texts."""
    if not isinstance(event, RunContentEvent | TeamRunContentEvent):
        return None
    said = [field for field in _TEXTS if getattr(event, field)] or ["content"]
    return said[0] if len(said) == 1 and isinstance(getattr(event, said[0]), str) else None


def _beside_text(event: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(event).items() if name not in (*_TEXTS, "created_at")}


def tapped(step: Step, tap: Tap) -> Any:
    """A copy of the step whose executor is listened to."""
    twin: Any = copy.copy(step)
    if step.executor_type != "function":
        twin.active_executor = Streamed(step.active_executor, tap)
    elif _is_async_generator_function(step.active_executor):
        twin.active_executor = _noting_async(step.active_executor, tap)
    elif _is_generator_function(step.active_executor):
        twin.active_executor = _noting(step.active_executor, tap)
    return twin


class Streamed:
    """An agent or a team that streams, for a step that does not."""

    def __init__(self, executor: Any, tap: Tap) -> None:
        self._executor = executor
        self._tap = tap

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executor, name)

    async def arun(self, **arguments: Any) -> Any:
        if isinstance(self._executor, Team):
            arguments["store_member_responses"] = True  # agno/workflow/step.py:1954, of a Team only.
        return await self._heard(self._executor.arun, arguments)

    async def acontinue_run(self, **arguments: Any) -> Any:
        return await self._heard(self._executor.acontinue_run, arguments)

    async def _heard(self, method: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        streaming = {"stream": True, "stream_events": self._tap.stream_events, "yield_run_output": True}
        stream = method(**{**arguments, **streaming})
        run, output = None, None
        async for event in stream:
            if isinstance(event, RunOutput | TeamRunOutput):
                output = event
                continue
            if isinstance(event, _EXECUTOR_ERROR_EVENT_TYPES):
                run = _run_of(stream)
            self._tap.take(event)
        return output if output is not None else self._failed(run)

    def _failed(self, run: Any) -> Any:
        """The run that the model's error ended, which agno returns of a plain run, and of a streamed one does not. It
        notes the error among the run's events, which a plain run has none of."""
        if run is None:
            raise RuntimeError(f"{self._executor.name!r} ended without an output.")
        if not getattr(self._executor, "store_events", False):
            run.events = None
        return run


def _run_of(stream: Any) -> Any:
    """The run that agno fills while it streams, in the generator that it hands out (agno/agent/_run.py:2123,
    agno/team/_run.py:3616)."""
    frame = getattr(stream, "ag_frame", None)
    return None if frame is None else frame.f_locals.get("run_response")


def _noting(function: Callable[..., Any], tap: Tap) -> Callable[..., Any]:
    def noting(*args: Any, **arguments: Any) -> Iterator[Any]:
        items = function(*args, **arguments)
        try:
            for item in items:
                tap.take(item)
                yield item
        finally:
            items.close()

    _name_as(function, noting)
    return noting


def _noting_async(function: Callable[..., Any], tap: Tap) -> Callable[..., Any]:
    async def noting(*args: Any, **arguments: Any) -> AsyncIterator[Any]:
        items = function(*args, **arguments)
        try:
            async for item in items:
                tap.take(item)
                yield item
        finally:
            await items.aclose()

    _name_as(function, noting)
    return noting


def _name_as(function: Callable[..., Any], noting: Any) -> None:
    """Have agno find the function's name and signature. A partial, or an object, has no `__name__` to be copied, and a
    name of its class is none of its own attributes (agno/workflow/step.py:964)."""
    functools.update_wrapper(noting, function)
    noting.__name__ = getattr(function, "__name__", "anonymous_function")
    if hasattr(function, "name"):
        noting.name = function.name
