"""What to return instead of a value that history cannot hold: the last sentence of the error that names it.

The refusal reaches whoever wrote the step, long after they wrote it. "Not serialisable" sends them to a search engine;
the name of the conversion ends the matter. A secret is refused although it could be written: history keeps it in clear,
readable to everybody who may see the run, for as long as the namespace keeps histories.
"""

from __future__ import annotations

import collections.abc
import io
import types
from typing import Final

from pydantic import Secret, SecretBytes, SecretStr

_BY_TYPE: Final[tuple[tuple[tuple[type, ...], str], ...]] = (
    (
        (Secret, SecretStr, SecretBytes),
        "History would keep it in clear. Return the name under which the secret is stored, and read it in the step.",
    ),
    ((str, bytes, int, float, list, tuple, set, frozenset, dict), "Return {base}(value)."),
    ((BaseException,), "Raise it, or return str(error)."),
    ((collections.abc.Coroutine,), "Await it."),
    ((collections.abc.AsyncIterator,), "Return [item async for item in value]."),
    ((io.IOBase,), "Return its path or what it contains."),
    ((collections.abc.Iterator, collections.abc.KeysView, collections.abc.ValuesView), "Return list(value)."),
    ((memoryview,), "Return bytes(value)."),
    ((types.FunctionType, types.BuiltinFunctionType, types.MethodType, type, types.ModuleType), "Return its name."),
)

_BY_PACKAGE: Final = {
    "numpy": "Return value.tolist().",
    "pandas": "Return value.to_dict().",
    "polars": "Return value.to_dicts().",
    "torch": "Return value.tolist().",
}

_DEFAULT: Final = "Return plain data, a dataclass or a pydantic model."


def remedy_for(value: object) -> str:
    """What to return instead of a value of this type."""
    cls = type(value)
    if (package := cls.__module__.partition(".")[0]) in _BY_PACKAGE:
        return _BY_PACKAGE[package]
    for bases, remedy in _BY_TYPE:
        if (base := next((base for base in bases if isinstance(value, base)), None)) is not None:
            return remedy.format(base=base.__name__)
    return _DEFAULT
