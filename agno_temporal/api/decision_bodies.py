"""The bodies of decisions, one for each action: what somebody answers, and nothing else.

No body has a deadline, a policy, a retry limit or a schema, and none names who decides: an unknown member is refused,
so that nobody believes to have moved a deadline. What an answer must be is for the run to judge, by the requirement as
it stands there (`views.answer_schemas` shows it); here is only the shape.

What a body holds is written as a value of a history, so that nothing in it can pass for one of the marks that such a
value has.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from agno_temporal.agno_bridge.values import encode, encode_each
from agno_temporal.hitl import Action, Decision, ToolAnswer
from agno_temporal.plan.data import Json


def _given(value: object) -> object:
    if value is None:
        raise ValueError("null is no answer; leave it out")
    return value


def _may_be_left_out(schema: dict[str, Any]) -> None:
    """It has one form: None stands for what was left out, and is no value of it."""
    schema.pop("default", None)
    [only] = [one for one in schema.pop("anyOf") if one != {"type": "null"}]
    schema.update(only)


_OPTIONAL = (BeforeValidator(_given), Field(json_schema_extra=_may_be_left_out))

Text: TypeAlias = Annotated[str | None, *_OPTIONAL]
Flag: TypeAlias = Annotated[bool | None, *_OPTIONAL]
Values: TypeAlias = Annotated[dict[str, JsonValue] | None, *_OPTIONAL]
Selections: TypeAlias = Annotated[dict[str, list[str]] | None, *_OPTIONAL]


class Body(BaseModel):
    """The body of one action."""

    model_config = ConfigDict(extra="forbid", strict=True)
    ACTION: ClassVar[Action]
    TITLE: ClassVar[str]
    SAYS: ClassVar[str]
    """What the action does."""

    def decision(self, requirement_id: str, decided_by: str, decision_id: str) -> Decision:
        """The decision of somebody whom the server has verified."""
        return Decision(
            requirement_id, self.ACTION, decided_by=decided_by, decision_id=decision_id, **self._content()
        )  # fmt: skip

    def _content(self) -> dict[str, Any]:
        """The fields of `Decision` that the body fills."""
        return {}

    @classmethod
    def may_be_left_out(cls) -> bool:
        """Whether an empty body is one."""
        return not any(field.is_required() for field in cls.model_fields.values())


class Confirm(Body):
    """Yes; with the values of a form, where one is shown."""

    ACTION = Action.CONFIRM
    TITLE = "Confirm"
    SAYS = "Confirm a step, or approve its output. Answers every tool where each of them is a confirmation."
    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"values": {"region": "eu"}, "note": "checked"}]})

    values: Values = None
    note: Text = None

    def _content(self) -> dict[str, Any]:
        return {"values": _values(self.values), "feedback": self.note}


class Reject(Body):
    """No, and why."""

    ACTION = Action.REJECT
    TITLE = "Reject"
    SAYS = "Reject a step, its output, or every tool where each of them is a confirmation."
    model_config = ConfigDict(json_schema_extra={"examples": [{"feedback": "the numbers are of last year"}]})

    feedback: Text = None

    def _content(self) -> dict[str, Any]:
        return {"feedback": self.feedback}


class Input(Body):
    """The values of a form."""

    ACTION = Action.INPUT
    TITLE = "Fill in a form"
    SAYS = "Fill in the form that a step waits for."
    model_config = ConfigDict(json_schema_extra={"examples": [{"values": {"region": "eu", "copies": 2}}]})

    values: Values = None

    def _content(self) -> dict[str, Any]:
        return {"values": _values(self.values)}


class Select(Body):
    """Routes by name, in the order in which they are to run; with the values of a form, where one is shown."""

    ACTION = Action.SELECT
    TITLE = "Choose routes"
    SAYS = "Choose the route of a router; several, where several are allowed."
    model_config = ConfigDict(json_schema_extra={"examples": [{"routes": ["canary"]}]})

    routes: list[str]
    values: Values = None

    def _content(self) -> dict[str, Any]:
        return {"selected": tuple(self.routes), "values": _values(self.values)}


class Edit(Body):
    """What replaces the output."""

    ACTION = Action.EDIT
    TITLE = "Edit an output"
    SAYS = "Put another output in place of the one under review, and approve it."
    model_config = ConfigDict(json_schema_extra={"examples": [{"output": "A better draft."}]})

    output: JsonValue

    def _content(self) -> dict[str, Any]:
        return {"edited_output": encode(self.output, "output")}


class Retry(Body):
    """Nothing to say."""

    ACTION = Action.RETRY
    TITLE = "Retry a failed step"
    SAYS = "Try a step again that failed. What had finished is not repeated."


class Skip(Body):
    """Nothing to say."""

    ACTION = Action.SKIP
    TITLE = "Skip a failed step"
    SAYS = "Leave a step out that failed, and go on behind it."


class OneTool(BaseModel):
    """The answer to one tool call: of these, the members of its kind."""

    model_config = ConfigDict(extra="forbid", strict=True)

    confirmed: Flag = None
    note: Text = None
    values: Values = None
    selections: Selections = None
    result: Text = None

    def answer(self) -> ToolAnswer:
        chosen = self.selections
        selections = None if chosen is None else {question: tuple(labels) for question, labels in chosen.items()}
        return ToolAnswer(self.confirmed, self.note, _values(self.values), selections, self.result)


class Answer(Body):
    """The answer to each of the tool calls, by its id."""

    ACTION = Action.ANSWER
    TITLE = "Answer tools"
    SAYS = "Answer the tools that an agent or a team waits for, all of them at once."
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"tools": {"call-1": {"confirmed": True}, "call-2": {"result": "42"}}}]}
    )

    tools: dict[str, OneTool]

    def _content(self) -> dict[str, Any]:
        return {"answers": {tool_id: one.answer() for tool_id, one in self.tools.items()}}


BODIES: tuple[type[Body], ...] = (Confirm, Reject, Input, Select, Edit, Retry, Skip, Answer)


def _values(values: dict[str, JsonValue] | None) -> dict[str, Json] | None:
    return None if values is None else encode_each(values, "values.")
