"""What agents, teams and generator functions say while they run, as JSON and exactly back.

A model that streams says its answer in thousands of pieces, and each of agno's events repeats some fifteen ids and
names around its piece. Written out they would fill a history. So of each event only that is written in which it differs
from the one before it: a piece of text costs its text. What the run knows anyhow (the step, the workflow) is not
written at all, and put back by the reader (`agno_bridge.events`).

The form is persisted data: a list of pairs, of the event's name and its changed fields. An event of a class of the
user's own has an empty name, and is written whole.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, Final

from agno.models.response import ToolExecution
from agno.run.agent import RUN_EVENT_TYPE_REGISTRY, CustomEvent
from agno.run.base import BaseRunOutputEvent
from agno.run.requirement import RunRequirement
from agno.run.team import TEAM_RUN_EVENT_TYPE_REGISTRY
from agno.run.team import CustomEvent as TeamCustomEvent
from agno.run.workflow import WORKFLOW_RUN_EVENT_TYPE_REGISTRY
from agno.run.workflow import CustomEvent as WorkflowCustomEvent

from agno_temporal.agno_bridge.executor_runs import in_key_order
from agno_temporal.agno_bridge.values import NotSerialisable, decode, encode
from agno_temporal.contract.errors import text_of
from agno_temporal.plan.data import Json, is_same
from agno_temporal.plan.tagged import TAG

_CLASSES: Final[dict[str, type[Any]]] = {
    name: cls
    for registry in (WORKFLOW_RUN_EVENT_TYPE_REGISTRY, TEAM_RUN_EVENT_TYPE_REGISTRY, RUN_EVENT_TYPE_REGISTRY)
    for name, cls in registry.items()
    if not name.endswith("CustomEvent")
}
"""agno's own events; those of a user's come in classes of the user's, or in one of `_OPEN`."""

_OPEN: Final[dict[str, type[Any]]] = {
    "CustomEvent": CustomEvent,
    "TeamCustomEvent": TeamCustomEvent,
    "WorkflowCustomEvent": WorkflowCustomEvent,
}
"""agno's own events for whatever a user wants to say: they have the attributes that they were given, and no others.
The names are persisted."""


_SHARED: Final = (
    *("run_id", "parent_run_id", "session_id", "created_at", "agent_id", "agent_name", "team_id", "team_name"),
    *("model", "model_provider"),
)
"""What events of different kinds have in common. Persisted data: another list reads what was written wrongly."""


class Unwritable(Exception):
    """An event that cannot be kept. What the step did is not lost with it."""


class _Before:
    """What an event is compared with: the one before it of its kind, and in what kinds have in common, the one before
    it of any."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, Json]] = {}
        self._shared: dict[str, Json] = {}

    def of(self, name: str) -> dict[str, Json]:
        before = {**_defaults(name), **self._kinds.get(name, {})}
        return before | {one: value for one, value in self._shared.items() if one in _fields(name)}

    def note(self, name: str, fields: dict[str, Json]) -> None:
        self._kinds[name] = fields
        self._shared |= {one: fields[one] for one in _SHARED if one in fields}


class Writer:
    """Writes one step's events, one after the other."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._before = _Before()

    def write(self, event: BaseRunOutputEvent) -> Json:
        """
        Raises:
            Unwritable: Something in it would not come back as it is.
        """
        name = str(getattr(event, "event", ""))
        try:
            if (open_name := next((one for one, cls in _OPEN.items() if type(event) is cls), None)) is not None:
                return [open_name, encode(dict(vars(event)), f"{self._where} event")]
            if type(event) is not _CLASSES.get(name):
                return ["", encode(event, f"{self._where} event")]
            fields = {one: _written(getattr(event, one), f"{self._where} event {name}.{one}") for one in _fields(name)}
        except Exception as error:  # Also what a user's own class raises when it is asked for its values.
            raise Unwritable(text_of(error)) from error
        before = self._before.of(name)
        self._before.note(name, fields)
        return [
            name,
            {one: value for one, value in fields.items() if one not in before or not is_same(before[one], value)},
        ]


class Reader:
    """Reads one step's events, one after the other."""

    def __init__(self, lenient: bool = False) -> None:
        self._lenient = lenient
        self._before = _Before()

    def read(self, written: Json) -> Any:
        """The event that was written, as a new object."""
        name, changed = written
        if not name:
            return _custom(decode(changed, self._lenient))
        if name in _OPEN:
            said: Any = decode(changed, self._lenient)
            return _OPEN[name](**said)
        fields = {**self._before.of(name), **changed}
        self._before.note(name, fields)
        event = object.__new__(_CLASSES[name])
        for one, value in fields.items():
            setattr(event, one, _read(value, self._lenient))
        return event


_AGNOS: Final[dict[str, type[Any]]] = {"agno.tool": ToolExecution, "agno.requirement": RunRequirement}
"""What is written in agno's own form where it cannot be written exactly: the fields of a form hold classes."""


def _written(value: Any, where: str) -> Json:
    try:
        return encode(value, where)
    except NotSerialisable:
        if type(value) is list:
            return [_written(item, where) for item in value]
        tag = next((tag for tag, cls in _AGNOS.items() if type(value) is cls), None)
        if tag is None:
            raise
        return {TAG: tag, "data": encode(in_key_order(value.to_dict()), where)}


def _read(data: Json, lenient: bool) -> Any:
    """Tags are never a user's: a dict of theirs with such a key is written as pairs (`value_kinds.TAG`)."""
    if isinstance(data, list):
        return [_read(item, lenient) for item in data]
    if isinstance(data, dict) and data.get(TAG) in _AGNOS:
        return _AGNOS[data[TAG]].from_dict(decode(data["data"], lenient))
    return decode(data, lenient)


def _custom(event: Any) -> Any:
    """A reader that has not the user's class gets agno's, with the same attributes."""
    return event if isinstance(event, BaseRunOutputEvent) else CustomEvent(**event)  # type: ignore[no-untyped-call]


@functools.cache
def _fields(name: str) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(_CLASSES[name]))


@functools.cache
def _defaults(name: str) -> dict[str, Json]:
    """What a field holds that nobody set. Fields whose default is made anew are always written."""
    return {
        field.name: encode(field.default)
        for field in dataclasses.fields(_CLASSES[name])
        if field.default is not dataclasses.MISSING
    }
