"""A user-input form, from agno's dicts and `UserInputField` objects to the plan's fields.

agno takes any type name and checks four of them, any default, and two fields of one name (agno/workflow/types.py:961).
It also drops the default of a field that is given as a dict (agno/workflow/step.py:947-960); here it is kept.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from typing import Any

from agno.workflow.types import UserInputField

from agno_temporal.agno_bridge import checks
from agno_temporal.agno_bridge.refusals import Report, shown
from agno_temporal.hitl.user_input import field_error, has_type
from agno_temporal.plan import InputField

KEYS = tuple(field.name for field in dataclasses.fields(UserInputField))


def input_fields(schema: Any, report: Report) -> tuple[InputField, ...] | None:
    """The form; None if agno would ask for any values, or if a field is refused."""
    if not schema:
        return None
    if not isinstance(schema, list | tuple):
        report(f"user_input_schema={shown(schema)} is not a list of fields.")
        return None
    fields = [field for index, given in enumerate(schema) if (field := _input_field(index, given, report))]
    names = [field.name for field in fields]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        report(f"user_input_schema has more than one field {shown(name)}. Rename all but one.")
    return tuple(fields) if len(fields) == len(schema) else None


def is_json(value: Any) -> bool:
    """Whether JSON holds a value unchanged. A tuple comes back as a list, and NaN is not JSON at all."""
    match value:
        case None | bool() | int() | str():
            return True
        case float():
            return math.isfinite(value)
        case list():
            return all(map(is_json, value))
        case dict():
            return all(isinstance(key, str) and is_json(item) for key, item in value.items())
    return False


def _input_field(index: int, given: Any, report: Report) -> InputField | None:
    faults: list[str] = []
    match given:
        case UserInputField():
            values = {key: getattr(given, key) for key in KEYS}
        case dict():
            values = given
            if unknown := [shown(key) for key in given if key not in KEYS]:
                faults.append(f"has no key {', '.join(unknown)}; the keys are {', '.join(KEYS)}.")
        case _:
            report(f"user_input_schema[{index}]={shown(given)} is neither a dict nor a UserInputField.")
            return None
    name = values.get("name")
    field = _typed_field(values, faults.append)
    place = (
        f"user_input_schema field {shown(name)}" if isinstance(name, str) and name else f"user_input_schema[{index}]"
    )
    for fault in faults:
        report(f"{place}: {fault}")
    return None if faults else field


def _typed_field(values: dict[str, Any], fault: Report) -> InputField:
    name, value, allowed = values.get("name"), values.get("value"), values.get("allowed_values")
    if not isinstance(name, str) or not name:
        fault(f"name={shown(name)} is not a name.")
    if not isinstance(kind := values.get("field_type", "str"), str) or not kind:
        fault(f'field_type={shown(kind)} is not the name of a type, such as "str".')
    if allowed is not None and not isinstance(allowed, list | tuple):
        fault(f"allowed_values={shown(allowed)} is not a list.")
        allowed = None
    for item in [item for item in (value, *(allowed or ())) if not is_json(item)]:
        fault(f"{shown(item)} is not a JSON value.")
    field = InputField(
        name=str(name),
        field_type=str(kind),
        description=checks.text("description", values.get("description"), fault),
        value=copy.deepcopy(value),
        required=checks.flag("required", values.get("required", True), fault),
        allowed_values=tuple(copy.deepcopy(allowed)) if allowed else None,
    )
    for item in [item for item in field.allowed_values or () if not has_type(field.field_type, item)]:
        fault(f"the allowed value {shown(item)} is not of type {field.field_type}.")
    if value is not None and (error := field_error(dataclasses.replace(field, required=False), value)):
        fault(f"the default value: {error.message}.")
    return field
