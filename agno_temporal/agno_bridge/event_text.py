"""An event as one line of JSON, as AgentOS sends it (agno/os/utils.py:359).

agno's own encoder raises on what a step may return and an event then holds: a dict with tuples for keys, a model with
an object of an unknown class; and on its own `CustomEvent`, which has the attributes that it was given and not all of
its fields. And it writes NaN, which is no JSON, so that a browser fails on the whole event. A reader who is at such an
event would never get past it. So where agno's form cannot be had, it is written of plain values.

A line has an end that is no JSON's: three characters that JSON leaves as they are end a line for Python's
`str.splitlines`, and so for `httpx.Response.iter_lines`, by which agno's own clients read a stream. Such a client fails
on half an event. JSON can say them as escapes, and any reader has the same value.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final

from agno.utils.serialize import json_serializer

from agno_temporal.agno_bridge.row_values import row_value

_LINE_ENDS: Final = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}


def unbroken(text: str) -> str:
    """JSON in which nobody finds the end of a line. These characters are in its strings alone.

    >>> unbroken('{"content":"above\\u2028below"}')
    '{"content":"above\\\\u2028below"}'
    """
    for character, escape in _LINE_ENDS.items():
        text = text.replace(character, escape)
    return text


def event_text(event: Any, run_id: str) -> str:
    """The event's JSON. Its text may hold lone surrogates, as escapes.

    Args:
        run_id: Of the run, for events that name none.
    """
    place = {} if event.event_index is None else {"event_index": event.event_index}
    try:
        return _json({"run_id": run_id} | event.to_dict() | place)
    except Exception:  # Whatever a value's own serializer raises.
        return _json(row_value({"run_id": run_id} | _fields(event) | place, strict_text=False))


def _json(data: dict[str, Any]) -> str:
    text = json.dumps(data, separators=(",", ":"), default=json_serializer, ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(data, separators=(",", ":"), default=json_serializer, allow_nan=False)
    return unbroken(text)


def _fields(event: Any) -> dict[str, Any]:
    """What the event says, as it is."""
    declared = {field.name: getattr(event, field.name, None) for field in dataclasses.fields(event)}
    return {name: value for name, value in (declared | vars(event)).items() if value is not None}
