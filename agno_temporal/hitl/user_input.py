"""What may be filled into a form: every field is judged before any is taken.

agno judges only the values of the last call and has already stored them when it refuses
(agno/workflow/types.py:928-997), so a refused value can still be used. Here nothing is stored: this is a function from
a schema and values to a list of what is wrong, and only an empty list lets the values through.

A field may have a type that agno does not know, such as "date", for whoever draws the form. As in agno its value may be
anything.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agno_temporal.hitl.meant import meant, types_of, written_types_of
from agno_temporal.hitl.rules import Rules
from agno_temporal.plan import InputField
from agno_temporal.plan.data import Json

FIELD_TYPES = ("str", "int", "float", "bool", "list", "dict")
"""The types that agno documents for a field (agno/workflow/types.py:785)."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field."""

    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


def input_errors(
    schema: Sequence[InputField], values: Mapping[str, Json], rules: Rules = Rules.NOW
) -> tuple[FieldError, ...]:
    """Everything that is wrong with `values`, in the order of the form; unknown fields last.

    An empty schema takes any values, but at least one (agno/workflow/types.py:1053).
    """
    if not schema:
        return () if values else (FieldError("values", "at least one value is needed"),)
    known = {field.name for field in schema}
    wrong = [error for field in schema if (error := field_error(field, values.get(field.name), rules))]
    wrong += [FieldError(name, "is not a field of this form") for name in values if name not in known]
    return tuple(wrong)


def field_error(field: InputField, value: Json, rules: Rules = Rules.NOW) -> FieldError | None:
    """What is wrong with one value. None and, for a required field, the empty string are no answer, as in agno."""
    if value is None or (field.required and value == ""):
        return FieldError(field.name, "is required") if field.required else None
    types = written_types_of(value) if rules is Rules.FIRST else types_of(value)
    if field.field_type in FIELD_TYPES and field.field_type not in types:
        return FieldError(field.name, f"expected {field.field_type}, got {types[0]}")
    value = value if rules is Rules.FIRST else meant(value)
    if field.allowed_values and not any(_same(value, allowed) for allowed in field.allowed_values):
        choices = ", ".join(map(repr, field.allowed_values))
        return FieldError(field.name, f"{reprlib.repr(value)} is not one of {choices}")
    return None


def has_type(field_type: str, value: Json) -> bool:
    """Whether a value is of a field's type. A bool is no number, an int is a float, and a tuple a list."""
    return field_type not in FIELD_TYPES or field_type in types_of(value)


def complete_input(schema: Sequence[InputField]) -> dict[str, Json] | None:
    """The form filled in with its defaults, or None where a required field has none."""
    values = {field.name: field.value for field in schema if field.value is not None}
    return None if input_errors(schema, values) else values


def _same(value: Json, allowed: Json) -> bool:
    return value == allowed and isinstance(value, bool) == isinstance(allowed, bool)
