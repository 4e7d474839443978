"""What an answer must look like, as JSON Schema: made from what judges it, for whoever builds a form or a client.

A form that is drawn from a description of its own drifts from what the run takes, and its user hears so only from a
refusal. So each requirement shows the schema of the body of each action that it takes, made from the very requirement
that the run judges by; a test draws requirements and bodies, and asks both.

A schema cannot say it all. The run refuses what the schema lets through: ``2.0`` for an int, which JSON Schema does not
tell from ``2``; an object that equals an allowed one but for the order of its keys; and what is larger, or nested
deeper, than a decision may be. And it takes a list with ``true`` in it for an allowed one with ``1``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeAlias, assert_never

from agno_temporal.hitl import Action, Choice, Requirement, ToolKind, ToolQuestion, allowed_actions
from agno_temporal.hitl.ledger import FILLED_IN
from agno_temporal.hitl.tools import takes_none
from agno_temporal.hitl.user_input import field_error
from agno_temporal.plan import InputField

Schema: TypeAlias = dict[str, Any]

_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object"}

_TEXT: Schema = {"type": "string"}

_SOMETHING: Schema = {"not": {"type": "null"}}


def answer_schemas(requirement: Requirement) -> dict[str, Schema]:
    """The schema of the body of each action that the requirement takes.

    >>> from agno_temporal.hitl import Kind
    >>> review = Requirement("q", "0", "draft", 0, "Step", Kind.OUTPUT_REVIEW, 1, 0.0)
    >>> answer_schemas(review)["reject"]["properties"]
    {'feedback': {'type': 'string'}}
    """
    return {action.value: _body(requirement, action) for action in allowed_actions(requirement)}


def _body(requirement: Requirement, action: Action) -> Schema:
    match action:
        case Action.CONFIRM:
            return _object({"note": _TEXT}, form=_form(requirement, action))
        case Action.REJECT:
            return _object({"feedback": _TEXT})
        case Action.INPUT:
            return _object({}, form=_form(requirement, action))
        case Action.SELECT:
            return _object({"routes": _routes(requirement)}, ["routes"], form=_form(requirement, action))
        case Action.EDIT:
            return _object({"output": _SOMETHING}, ["output"])
        case Action.ANSWER:
            ids = [one.id for one in requirement.tools]
            return _object({"tools": _object({one.id: _tool(one) for one in requirement.tools}, ids)}, ["tools"])
        case Action.RETRY | Action.SKIP:
            return _object({})
        case Action.CANCEL:
            raise AssertionError("only a timer cancels")
        case unreachable:
            assert_never(unreachable)


def _object(properties: Schema, required: Iterable[str] = (), form: Schema | None = None) -> Schema:
    """An object of these members and no others; `form` is that of its values, needed where they cannot be empty."""
    needed = list(required)
    if form is not None:
        properties = {"values": form, **properties}
        if form.get("required") or form.get("minProperties"):
            needed.append("values")
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": needed} if needed else schema


def _form(requirement: Requirement, action: Action) -> Schema | None:
    fields = requirement.form if action in FILLED_IN else None
    if fields is None:
        return None
    if not fields:
        return {"type": "object", "minProperties": 1}
    return _object({one.name: _field(one) for one in fields}, [one.name for one in fields if one.required])


def _field(field: InputField) -> Schema:
    """None, and the empty string of a required field, are no answers."""
    schema = _typed(field, nullable=not field.required)
    if field.required and field.field_type == "str":
        schema["minLength"] = 1
    if field.required and field.field_type not in _TYPES:
        schema["not"] = {"enum": [None, ""]}
    return schema


def _typed(field: InputField, nullable: bool) -> Schema:
    """A value of a known type, or of any where the type is not known."""
    schema: Schema = _words(field)
    if (name := _TYPES.get(field.field_type)) is not None:
        schema["type"] = [name, "null"] if nullable else name
    if field.allowed_values:
        schema["enum"] = [*field.allowed_values, *([None] if nullable else [])]
    return schema


def _words(field: InputField) -> Schema:
    described = {} if field.description is None else {"description": field.description}
    return described if field.value is None else {**described, "default": field.value}


def _routes(requirement: Requirement) -> Schema:
    routes: Schema = {"type": "array", "items": {"enum": list(requirement.choices or ())}, "minItems": 1}
    return routes if requirement.allow_multiple_selections else {**routes, "maxItems": 1}


def _tool(question: ToolQuestion) -> Schema:
    match question.kind:
        case ToolKind.CONFIRMATION:
            noted = _object({"confirmed": {"type": "boolean"}, "note": _TEXT}, ["confirmed"])
            yes = {"properties": {"confirmed": {"const": True}}}
            return {**noted, "if": yes, "then": {"properties": {"note": False}}}
        case ToolKind.USER_INPUT:
            needed = [one.name for one in question.form if not _may_be_left(one)]
            arguments = {one.name: _argument(question, one) for one in question.form}
            return _object({"values": _object(arguments, needed)}, ["values"])
        case ToolKind.USER_FEEDBACK:
            chosen = {one.question: _selection(one) for one in question.choices}
            return _object({"selections": _object(chosen, chosen)}, ["selections"])
        case ToolKind.EXTERNAL_EXECUTION:
            return _object({"result": _TEXT}, ["result"])
        case unreachable:
            assert_never(unreachable)


def _stands(field: InputField) -> bool:
    """Whether what the model filled in may be left as it is."""
    if field.value is None or field.field_type not in _TYPES:
        return field.value is not None
    return field_error(replace(field, required=False), field.value) is None


def _may_be_left(field: InputField) -> bool:
    """Whether nothing need be said of it."""
    return _stands(field) or (field.value is None and not field.required)


def _argument(question: ToolQuestion, field: InputField) -> Schema:
    """A tool's own types are not judged."""
    nullable = _may_be_left(field) or takes_none(question, field)
    if field.field_type in _TYPES:
        return _typed(field, nullable)
    return _words(field) if nullable else {**_words(field), **_SOMETHING}


def _selection(choice: Choice) -> Schema:
    labels = [option.label for option in choice.options or ()]
    one = {"enum": labels} if labels else _TEXT
    selection: Schema = {"type": "array", "items": one, "minItems": 1}
    return selection if choice.multi_select else {**selection, "maxItems": 1}
