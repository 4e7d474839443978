"""What may be filled into a form: every field is judged before any is taken.

agno judges only the values of the last call and has already stored them when it refuses
(agno/workflow/types.py:928-997), so a refused value can still be used. Here nothing is stored: this is a function from
a schema and values to a list of what is wrong, and only an empty list lets the values through.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agno_temporal.plan import InputField
from agno_temporal.plan.data import Json

FIELD_TYPES = ("str", "int", "float", "bool", "list", "dict")
"""The types that agno documents for a field (agno/workflow/types.py:785)."""

_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "list": list,
    "dict": dict,
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field."""

    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


def input_errors(schema: Sequence[InputField], values: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Everything that is wrong with `values`, in the order of the form; unknown fields last.

    An empty schema takes any values, but at least one (agno/workflow/types.py:1053).
    """
    if not schema:
        return () if values else (FieldError("values", "at least one value is needed"),)
    known = {field.name for field in schema}
    wrong = [error for field in schema if (error := field_error(field, values.get(field.name)))]
    wrong += [FieldError(name, "is not a field of this form") for name in values if name not in known]
    return tuple(wrong)


def field_error(field: InputField, value: Json) -> FieldError | None:
    """What is wrong with one value. None and, for a required field, the empty string are no answer, as in agno."""
    if value is None or (field.required and value == ""):
        return FieldError(field.name, "is required") if field.required else None
    if field.field_type not in FIELD_TYPES:
        return FieldError(field.name, f"has the unknown type {field.field_type!r}")
    if not has_type(field.field_type, value):
        return FieldError(field.name, f"expected {field.field_type}, got {type(value).__name__}")
    if field.allowed_values and not any(_same(value, allowed) for allowed in field.allowed_values):
        choices = ", ".join(map(repr, field.allowed_values))
        return FieldError(field.name, f"{reprlib.repr(value)} is not one of {choices}")
    return None


def has_type(field_type: str, value: Json) -> bool:
    """Whether a value is of a field's type. A bool is no number, and an int is a float."""
    if isinstance(value, bool):
        return field_type == "bool"
    return isinstance(value, _PYTHON_TYPES[field_type])


def complete_input(schema: Sequence[InputField]) -> dict[str, Json] | None:
    """The form filled in with its defaults, or None where a required field has none."""
    values = {field.name: field.value for field in schema if field.value is not None}
    return None if input_errors(schema, values) else values


def _same(value: Json, allowed: Json) -> bool:
    return value == allowed and isinstance(value, bool) == isinstance(allowed, bool)
