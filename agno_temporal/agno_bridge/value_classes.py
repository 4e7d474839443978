"""Objects of the user's classes: taken apart into named parts, and put together without running the class's code.

Validators and ``__post_init__`` have run when the step made the object. Run again on the way back they can refuse it
(a validator that compares with today), change it (a password hashed twice) or call out, and what comes back is no
longer what the step returned. So an object is made empty and its parts are set, as ``copy`` and ``pickle`` do.

An attribute that was set beside the fields belongs to the object too, since nothing computes it again. What a later
deploy adds to a class takes its default; what it removes is dropped.

Three things are never written: a class that gives up a resource in ``__del__`` (a copy would release what the original
holds, and a forged one would run it), a class laid out by a builtin (``class Orders(dict)``: the fields are not all of
it), and a field that its author keeps out of dumps with ``exclude=True``, unless it holds its default.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum, Flag
from functools import cached_property
from typing import Any, Final

from pydantic import AnyUrl, BaseModel, MongoDsn, NatsDsn, PostgresDsn, RootModel
from pydantic.fields import FieldInfo
from pydantic_core import MultiHostUrl, PydanticUndefined, Url

from agno_temporal.agno_bridge.value_names import CannotWrite, is_pydantic_model

_MISSING: Final = object()
_SCALARS = (str, int, float, bool)
_URLS: tuple[type, ...] = (AnyUrl, PostgresDsn, MongoDsn, NatsDsn, Url, MultiHostUrl)


@dataclass
class Parts:
    """An object in parts. Each value in them is written in its turn.

    Args:
        data: The fields that the class declares.
        extra: pydantic's undeclared fields (``extra="allow"``).
        private: pydantic's private attributes.
        attributes: What else stands in the object's ``__dict__``.
        unset: Of data and extra, the names that ``model_fields_set`` lacks.
    """

    data: dict[str, object]
    extra: dict[str, object] = field(default_factory=dict)
    private: dict[str, object] = field(default_factory=dict)
    attributes: dict[str, object] = field(default_factory=dict)
    unset: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ClassKind:
    """A family of classes whose objects have parts.

    Args:
        tag: Its name in payloads.
        holds: Whether a class is of this family. Asked of what a payload names, too.
        take_apart: Raises ``CannotWrite`` for what would not come back whole.
        put_together: May raise anything for parts that no writer makes.
        plain: What a reader gets that has not loaded the class.
    """

    tag: str
    holds: Callable[[type], bool]
    take_apart: Callable[[Any], Parts]
    put_together: Callable[[Any, Parts], object]
    plain: Callable[[Parts], object]


def class_kind(cls: type) -> ClassKind | None:
    return next((kind for kind in CLASS_KINDS.values() if kind.holds(cls)), None)


def _fields_of(parts: Parts) -> object:
    return parts.data | parts.extra


def take_apart(kind: ClassKind, value: object) -> Parts:
    """The object's parts.

    Raises:
        CannotWrite: The object would not come back whole.
    """
    if hasattr(type(value), "__del__"):
        raise CannotWrite("It has __del__, so it owns something that a copy must not release. Return what names it.")
    return kind.take_apart(value)


def put_together(kind: ClassKind, cls: type, parts: Parts) -> object:
    """The object again. Raises anything for parts that no writer makes."""
    if not kind.holds(cls):
        raise ValueError(f"{cls.__module__}:{cls.__qualname__} is no {kind.tag}")
    if hasattr(cls, "__del__"):
        raise ValueError(f"{cls.__qualname__} has __del__, and is never written")
    return kind.put_together(cls, parts)


def _refuse_builtin_layout(cls: type) -> None:
    try:
        object.__new__(cls)
    except TypeError as error:
        raise CannotWrite("It inherits from a builtin type. Keep that value in a field instead.") from error


def _attributes(value: object, declared: Collection[str]) -> dict[str, object]:
    """What stands in the object beside its fields, without what is computed again when it is asked for.

    ``Box[int](...)`` leaves ``__orig_class__``, for type checkers only.
    """
    own: dict[str, object] = getattr(value, "__dict__", {})
    return {name: own[name] for name in own if name not in declared and not _is_computed(type(value), name)}


def _is_computed(cls: type, name: str) -> bool:
    return name == "__orig_class__" or isinstance(inspect.getattr_static(cls, name, None), cached_property)


def _absent(cls: type, name: str) -> ValueError:
    return ValueError(f"{cls.__qualname__}.{name} was not written and has no default. Give a field that is added one.")


def _pydantic_default(info: FieldInfo, known: dict[str, object]) -> object:
    if info.is_required():
        return _MISSING
    return info.get_default(call_default_factory=True, validated_data=known)


# Models: https://docs.pydantic.dev/latest/api/base_model - the state is the one that pydantic gives to pickle.


def _is_root_model(cls: type) -> bool:
    return RootModel in cls.__mro__


def _take_model(model: BaseModel) -> Parts:
    cls = type(model)
    _refuse_builtin_layout(cls)
    own = vars(model)
    data: dict[str, object] = {}
    for name, info in cls.__pydantic_fields__.items():
        if name not in own:
            raise CannotWrite(f"Its field {name!r} was never set (model_construct does that). Give it a value.")
        if info.exclude:
            _refuse_excluded(name, own[name], _pydantic_default(info, own))
        else:
            data[name] = own[name]
    private = model.__pydantic_private__ or {}
    extra = dict(model.__pydantic_extra__ or {})
    return Parts(
        data=data,
        extra=extra,
        private={name: item for name, item in private.items() if item is not PydanticUndefined},
        attributes=_attributes(model, cls.__pydantic_fields__),
        unset=sorted((data.keys() | extra.keys()) - model.__pydantic_fields_set__),
    )


def _refuse_excluded(name: str, value: object, default: object) -> None:
    if value is not default and value != default:
        raise CannotWrite(
            f"Its field {name!r} is kept out of dumps (exclude=True) and does not hold its default. "
            "Reset it before you return the object, or remove exclude=True."
        )


def _put_model(cls: type[BaseModel], parts: Parts) -> BaseModel:
    fields = cls.__pydantic_fields__
    own: dict[str, object] = {}
    for name, info in fields.items():
        own[name] = parts.data[name] if name in parts.data else _pydantic_default(info, own)
        if own[name] is _MISSING:
            raise _absent(cls, name)
    allows_extra = cls.model_config.get("extra") == "allow"
    extra = parts.extra if allows_extra else {}
    state = {
        "__dict__": own | {name: item for name, item in parts.attributes.items() if name not in own},
        "__pydantic_fields_set__": ((parts.data.keys() & fields.keys()) | extra.keys()) - set(parts.unset),
        "__pydantic_extra__": extra if allows_extra else None,
        "__pydantic_private__": _private(cls, parts.private),
    }
    model: BaseModel = object.__new__(cls)
    family = RootModel if _is_root_model(cls) else BaseModel
    family.__setstate__(model, state)
    return model


def _private(cls: type[BaseModel], written: dict[str, object]) -> dict[str, object] | None:
    if not cls.__private_attributes__:
        return None
    private = {
        name: written[name] if name in written else attribute.get_default()
        for name, attribute in cls.__private_attributes__.items()
    }
    return {name: item for name, item in private.items() if item is not PydanticUndefined}


# Dataclasses, pydantic's included.


def _take_dataclass(value: Any) -> Parts:
    _refuse_builtin_layout(type(value))
    data: dict[str, object] = {}
    for declared in dataclasses.fields(value):
        try:
            data[declared.name] = getattr(value, declared.name)
        except AttributeError:
            if declared.init:
                raise CannotWrite(f"Its field {declared.name!r} was never set. Give it a value.") from None
    attributes = _attributes(value, data)
    for name, info in getattr(value, "__pydantic_fields__", {}).items():
        if info.exclude and name in data:
            _refuse_excluded(name, data.pop(name), _pydantic_default(info, data))
    return Parts(data=data, attributes=attributes)


def _put_dataclass(cls: type[Any], parts: Parts) -> object:
    value = object.__new__(cls)
    known: dict[str, object] = {}
    for declared in dataclasses.fields(cls):
        item = parts.data[declared.name] if declared.name in parts.data else _dataclass_default(cls, declared, known)
        if item is _MISSING and declared.init:
            raise _absent(cls, declared.name)
        if item is not _MISSING:
            known[declared.name] = item
            object.__setattr__(value, declared.name, item)
    if hasattr(value, "__dict__"):
        vars(value).update({name: item for name, item in parts.attributes.items() if name not in known})
    return value


def _dataclass_default(cls: type, declared: dataclasses.Field[Any], known: dict[str, object]) -> object:
    if (info := getattr(cls, "__pydantic_fields__", {}).get(declared.name)) is not None:
        return _pydantic_default(info, known)
    if declared.default is not dataclasses.MISSING:
        return declared.default
    return declared.default_factory() if declared.default_factory is not dataclasses.MISSING else _MISSING


# Named tuples, enum members, pydantic's URLs.


def _is_named_tuple(cls: type) -> bool:
    return tuple in cls.__mro__ and isinstance(getattr(cls, "_fields", None), tuple) and hasattr(cls, "_field_defaults")


def _take_named_tuple(value: Any) -> Parts:
    return Parts(
        data=dict(zip(type(value)._fields, tuple.__iter__(value), strict=True)), attributes=_attributes(value, {})
    )


def _put_named_tuple(cls: Any, parts: Parts) -> object:
    known = cls._field_defaults | parts.data
    for name in cls._fields:
        if name not in known:
            raise _absent(cls, name)
    value: object = tuple.__new__(cls, [known[name] for name in cls._fields])
    if parts.attributes:
        vars(value).update(parts.attributes)
    return value


def _take_enum(member: Enum) -> Parts:
    """By name, because a value may be anything. A plain value goes along for people, and for flags that are sums."""
    named: dict[str, object] = {"name": member._name_} if member._name_ in type(member).__members__ else {}
    if type(member._value_) in _SCALARS:
        named["value"] = member._value_
    return Parts(data=named)


def _put_enum(cls: type[Enum], parts: Parts) -> object:
    if "name" not in parts.data and Flag in cls.__mro__:
        return cls(parts.data["value"])
    if (name := parts.data["name"]) not in cls.__members__:
        raise ValueError(f"{cls.__qualname__} has no member {name!r}; a name that was written must stay")
    return cls.__members__[str(name)]


def _plain_enum(parts: Parts) -> object:
    return parts.data["value"] if "value" in parts.data else parts.data["name"]


def _put_url(cls: Callable[[object], object], parts: Parts) -> object:
    text = parts.data["url"]
    url = cls(text)
    if str(url) == text:
        return url
    # `http://a.b` without a slash, of a model with url_preserve_empty_path (pydantic 2.12)
    return cls(Url(str(text), preserve_empty_path=True))  # type: ignore[call-arg]


CLASS_KINDS: Final = {
    kind.tag: kind
    for kind in (
        ClassKind("enum", lambda cls: Enum in cls.__mro__, _take_enum, _put_enum, _plain_enum),
        ClassKind("root_model", _is_root_model, _take_model, _put_model, lambda parts: parts.data["root"]),
        ClassKind("model", is_pydantic_model, _take_model, _put_model, _fields_of),
        ClassKind("namedtuple", _is_named_tuple, _take_named_tuple, _put_named_tuple, _fields_of),
        ClassKind(
            "url",
            lambda cls: not set(_URLS).isdisjoint(cls.__mro__),
            lambda url: Parts(data={"url": str(url)}),
            _put_url,
            lambda parts: parts.data["url"],
        ),
        ClassKind("dataclass", dataclasses.is_dataclass, _take_dataclass, _put_dataclass, _fields_of),
    )
}
"""By tag, in the order in which a class is asked: an enum may also be a dataclass, and a root model is a model."""
