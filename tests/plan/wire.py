"""Every data class that is written to a history, and any instance of one."""

import dataclasses
import enum
import functools
import types
import typing
from typing import Any

from hypothesis import strategies as st

from agno_temporal.contract import chapter, events, journal, manifest, notices, outputs, request, tasks
from agno_temporal.hitl import decision, requirement, tools
from agno_temporal.plan import nodes

MODULES = (nodes, requirement, tools, decision, outputs, request, tasks, events, manifest, notices, journal, chapter)
WIRE_CLASSES = tuple(
    one
    for module in MODULES
    for one in vars(module).values()
    if isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == module.__name__
)

JSON_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
JSON = st.recursive(
    JSON_SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SCALARS = {
    str: st.text(max_size=5),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    type(None): st.none(),
}


@functools.cache
def instances(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that a wire class may use for a field. A tree ends sooner than it would by chance."""
    members = typing.get_args(hint)
    match typing.get_origin(hint):
        case types.UnionType | typing.Union:
            simple = [one for one in members if not dataclasses.is_dataclass(one) or not has_children(one)]
            return st.one_of(*map(instances, simple), st.deferred(lambda: st.one_of(*map(instances, members))))
        case builtin if builtin is tuple:
            return st.lists(instances(members[0]), max_size=2).map(tuple)
        case builtin if builtin is dict:
            return st.dictionaries(st.text(max_size=5), instances(members[1]), max_size=2)
    if hint is Any:
        return JSON
    if dataclasses.is_dataclass(hint):
        return st.deferred(lambda: st.builds(hint, **{name: instances(one) for name, one in hints(hint).items()}))
    return st.sampled_from(hint) if issubclass(hint, enum.Enum) else SCALARS[hint]


def hints(cls: type[Any]) -> dict[str, Any]:
    resolved = typing.get_type_hints(cls)
    return {field.name: resolved[field.name] for field in dataclasses.fields(cls)}


def has_children(cls: type[Any]) -> bool:
    """Whether an instance can hold others of its own family."""
    return bool({"steps", "choices", "output", "otherwise", "branches"} & hints(cls).keys())
