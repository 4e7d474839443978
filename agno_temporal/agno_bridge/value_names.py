"""Class names in payloads: found among what is loaded, never imported.

A payload says which class a value had. Whoever can reach the Temporal server can write that name, and a reader that
imports it runs code of the writer's choice, as unpickling does. Reading an attribute of a module can import too (a
module-level ``__getattr__``, ``importlib.util.LazyLoader``).

So a name is only looked up: in ``sys.modules``, through the raw dictionaries of the module and of the classes on the
way, and what is found must carry that very module and qualified name. The writer looks its own name up first, so that
a class which no other process could find is refused in the step that returned it, not by a reader months later.

``Page[int]`` of a generic pydantic model exists in no module. It is written as its origin and its arguments and put
together again; the arguments are limited to plain types and to classes that a value may have.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import sys
import types
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from agno_temporal.agno_bridge.script_name import MAIN, script_name

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""What ``json.dumps`` takes, and what stays readable in Temporal's UI."""

_MAX_NESTED_ARGUMENTS = 20
_SPECIAL: dict[str, object] = {"None": type(None), "Any": Any, "...": Ellipsis, "|": types.UnionType, "Union": Union}
_CONTAINERS = (list, dict, tuple, set, frozenset)
_SCALARS = (object, str, int, float, bool, bytes, date, datetime, time, timedelta, Decimal, UUID, Path)


class TypeNotLoaded(LookupError):
    """A payload names a class that this process has not loaded.

    Args:
        module: The module that defines the class.
        qualname: Its qualified name there.
    """

    def __init__(self, module: str, qualname: str) -> None:
        super().__init__(module, qualname)
        self.module = module
        self.qualname = qualname

    def __str__(self) -> str:
        remedy = f"Import {self.module!r} where the workflow is defined."
        if self.module == MAIN:
            remedy = "It was of a script or an interactive session: define it in a module that all processes import."
        return (
            f"The class {self.qualname!r} of module {self.module!r} is not loaded in this process, and a payload never "
            f"causes an import. {remedy}"
        )


class CannotWrite(Exception):
    """This value or class has no faithful written form; the message says what to do instead."""


def name_class(cls: type) -> Json:
    """The name by which any process that has loaded the class finds it again.

    Raises:
        CannotWrite: No other process could find the class under a name.
    """
    try:
        written = _write_type(cls)
        found = _read_type(written)
    except (TypeNotLoaded, ValueError) as error:
        raise CannotWrite(f"{_label(cls)} is not found under its own name. Define it at module level.") from error
    if found is not cls and _parameters(found) != _parameters(cls):
        raise CannotWrite(f"Its module has another class under the name of {_label(cls)}. Rename one of the two.")
    return written


def find_class(name: Json) -> type:
    """The loaded class of that name.

    Raises:
        TypeNotLoaded: No such class is loaded in this process.
        ValueError: The name is not a class's name, or means something else here.
    """
    found = _read_type(name)
    if not issubclass(type(found), type):
        raise ValueError(f"{name!r} is not a class")
    assert isinstance(found, type)
    return found


def is_pydantic_model(cls: type) -> TypeGuard[type[BaseModel]]:
    """Whether it is a pydantic v2 model by inheritance (``issubclass`` also believes ``ABCMeta.register``)."""
    return BaseModel in cls.__mro__


def _label(cls: object) -> str:
    return f"{getattr(cls, '__module__', '?')}.{getattr(cls, '__qualname__', cls)}"


def _write_type(item: object, depth: int = 0) -> Json:
    if depth > _MAX_NESTED_ARGUMENTS:
        raise CannotWrite("Its type arguments are nested too deep. Name it: class Orders(Page[Order]): pass")
    for name, special in _SPECIAL.items():
        if item is special:
            return name
    if (parameters := _parameters(item)) is not None:
        origin, arguments = parameters
        return {"generic": _write_type(origin), "args": [_write_type(argument, depth + 1) for argument in arguments]}
    if not isinstance(item, type) or (depth > 0 and not _may_be_argument(item)):
        raise CannotWrite(f"The type argument {item!r} has no written form. Name it: class Orders(Page[Order]): pass")
    if "<locals>" in item.__qualname__:
        raise CannotWrite(f"{_label(item)} is defined inside a function. Define it at module level.")
    if _look_up(item.__module__, item.__qualname__) is not item:
        raise CannotWrite(f"Its module has another class under the name of {_label(item)}. Rename one of the two.")
    module = item.__module__
    return f"{(script_name() or MAIN) if module == MAIN else module}:{item.__qualname__}"


def _read_type(name: Json, depth: int = 0) -> Any:
    match name:
        case _ if depth > _MAX_NESTED_ARGUMENTS:
            raise ValueError("type arguments nested too deep")
        case str() if name in _SPECIAL:
            return _SPECIAL[name]
        case str():
            found = _look_up(*_split(name))
            if depth > 0 and not _may_be_argument(found):
                raise ValueError(f"{name!r} is not a type argument that is ever written")
            return found
        case {"generic": origin, "args": [_, *_] as arguments}:
            return _parametrise(_read_type(origin), tuple(_read_type(argument, depth + 1) for argument in arguments))
        case _:
            raise ValueError("not the name of a class")


def _split(name: str) -> tuple[str, str]:
    module, colon, qualname = name.partition(":")
    if not (module and colon and qualname):
        raise ValueError(f"{name[:80]!r} is not of the form module:qualname")
    return module, qualname


def _look_up(module: str, qualname: str) -> type:
    own_name = MAIN if module == script_name() else module
    loaded = sys.modules.get(own_name)
    if loaded is None:
        raise TypeNotLoaded(module, qualname)
    if not issubclass(type(loaded), types.ModuleType):
        raise ValueError(f"{module!r} is not an ordinary module")
    found: Any = None
    namespace = types.ModuleType.__getattribute__(loaded, "__dict__")
    for part in qualname.split("."):
        if part not in namespace:
            raise TypeNotLoaded(module, qualname)
        found = namespace[part]
        if not issubclass(type(found), type):
            raise ValueError(f"'{module}:{qualname}' is not a class")
        namespace = vars(found)
    if (found.__module__, found.__qualname__) != (own_name, qualname):
        raise ValueError(f"'{module}:{qualname}' is another name of {found.__module__}:{found.__qualname__}")
    assert isinstance(found, type)
    return found


def _may_be_argument(item: Any) -> bool:
    if item in _SCALARS or item in _CONTAINERS:
        return True
    return is_pydantic_model(item) or Enum in item.__mro__ or dataclasses.is_dataclass(item)


def _parameters(item: Any) -> tuple[object, tuple[object, ...]] | None:
    """Origin and arguments of ``Page[int]``, ``list[int]``, ``int | None`` and ``Optional[int]``, if it is such."""
    if isinstance(item, types.UnionType):
        return types.UnionType, get_args(item)
    if get_origin(item) is Union:
        return Union, get_args(item)
    if isinstance(item, types.GenericAlias):
        return item.__origin__, item.__args__
    if isinstance(item, type) and is_pydantic_model(item):
        metadata = item.__pydantic_generic_metadata__
        return (metadata["origin"], metadata["args"]) if metadata["origin"] is not None else None
    return None


def _parametrise(origin: Any, arguments: tuple[Any, ...]) -> Any:
    if origin is types.UnionType:
        return functools.reduce(operator.or_, arguments)
    if origin is Union:
        return Union[arguments]  # noqa: UP007 - not the type that `|` gives
    if origin in _CONTAINERS:
        return types.GenericAlias(origin, arguments)
    if isinstance(origin, type) and is_pydantic_model(origin):
        return origin[arguments[0] if len(arguments) == 1 else arguments]  # type: ignore[index]
    raise ValueError(f"{origin!r} takes no type arguments here")
