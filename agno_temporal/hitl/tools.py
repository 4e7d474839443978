"""Questions of an agent's or a team's tools, and what answers them.

A model may call several tools in one turn, and each may ask: for a confirmation, for arguments, for a choice, or for
the result of what somebody runs elsewhere. They are one pause and take one decision, because a run that goes on with
one of them unanswered goes wrong without a word: agno takes an unanswered confirmation for a rejection, and calls a
tool whose form was not filled in without its arguments (agno/agent/_tools.py:1178).

So an answer is judged whole: each question has one, of its own kind, and everything that is wrong is said at once.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from agno_temporal.hitl.rules import Rules
from agno_temporal.hitl.sayable import unsayable
from agno_temporal.hitl.user_input import FIELD_TYPES, FieldError, field_error
from agno_temporal.plan import InputField
from agno_temporal.plan.data import Json

NOBODY_ANSWERED = "Nobody answered in time."
"""The note of a tool call that the timer rejected: the model reads it as the call's result."""


class ToolKind(enum.Enum):
    """What a tool asks for (agno's `PauseType`, agno/run/requirement.py:11)."""

    CONFIRMATION = "confirmation"
    USER_INPUT = "user_input"
    USER_FEEDBACK = "user_feedback"
    EXTERNAL_EXECUTION = "external_execution"


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that a question offers."""

    label: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with options. None of them means that any answer is taken."""

    question: str
    header: str | None = None
    options: tuple[Option, ...] | None = None
    multi_select: bool = False


@dataclass(frozen=True, slots=True)
class ToolQuestion:
    """What one tool call waits for.

    Attributes:
        id: The tool call's id; where two calls of one pause share it, `requirement_id`.
        requirement_id: The id of agno's `RunRequirement`.
        tool_args: What the model wants to call the tool with, encoded. None where it is too large to be carried.
        args_size: Bytes of `tool_args`, where they are left out.
        form: The arguments that a human fills in. A `value` is the model's own, and stands if it is not replaced. One
            that is not required may be left empty: the tool is called with None.
        keeps_default: Those of them that take no None, and have a default, which holds where they are left empty.
        choices: The questions of `ask_user`.
        member: The team member whose tool it is.
        shown: What else agno's requirement shows of it, encoded.
    """

    id: str
    requirement_id: str
    kind: ToolKind
    tool_name: str | None = None
    tool_args: Json = None
    args_size: int | None = None
    form: tuple[InputField, ...] = ()
    choices: tuple[Choice, ...] = ()
    member: str | None = None
    shown: Json = None
    keeps_default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """The answer to one tool call: of these fields, those of its kind.

    Attributes:
        confirmed, note: Whether the tool may run; the note of a rejection is what the model gets in place of a result.
        values: What was filled in, by field. None leaves a field empty; one that may not be is left as the model
            filled it in.
        selections: The options chosen, by question.
        result: What the tool gave that somebody ran elsewhere.
    """

    confirmed: bool | None = None
    note: str | None = None
    values: dict[str, Json] | None = None
    selections: dict[str, tuple[str, ...]] | None = None
    result: str | None = None


_FIELDS_OF = {
    ToolKind.CONFIRMATION: ("confirmed", "note"),
    ToolKind.USER_INPUT: ("values",),
    ToolKind.USER_FEEDBACK: ("selections",),
    ToolKind.EXTERNAL_EXECUTION: ("result",),
}

Answers = Mapping[str, ToolAnswer]

Fault: TypeAlias = tuple[str, str]
"""What is wrong: the name of the field, and the words for it."""


def answer_faults(questions: tuple[ToolQuestion, ...], answers: Answers, rules: Rules = Rules.NOW) -> tuple[Fault, ...]:
    """Everything that is wrong with these answers, by the id of the call, in the order of the questions; unknown calls
    last."""
    wrong = [(one.id, error) for one in questions for error in _errors_of(one, answers.get(one.id), rules)]
    known = {one.id for one in questions}
    unknown = (tool_id for tool_id in answers if tool_id not in known)
    return (*wrong, *((one[:80], f"{one[:80]}: no tool call of this id is asked about") for one in unknown))


def answer_errors(questions: tuple[ToolQuestion, ...], answers: Answers) -> tuple[str, ...]:
    """What `answer_faults` finds, in words."""
    return tuple(error for _, error in answer_faults(questions, answers))


def all_confirmations(questions: tuple[ToolQuestion, ...]) -> bool:
    """Whether one yes or no can answer them."""
    return all(one.kind is ToolKind.CONFIRMATION for one in questions)


def confirmed_all(questions: tuple[ToolQuestion, ...]) -> dict[str, ToolAnswer]:
    """Every tool may run."""
    return {one.id: ToolAnswer(confirmed=True) for one in questions}


def rejected_all(questions: tuple[ToolQuestion, ...], note: str | None) -> dict[str, ToolAnswer]:
    """No tool may run, and the model is told why."""
    return {one.id: ToolAnswer(confirmed=False, note=note) for one in questions}


def approved_by_nobody(questions: tuple[ToolQuestion, ...]) -> dict[str, ToolAnswer] | None:
    """What a timer can approve: confirmations, and forms with what the model filled in. None where that leaves open
    what may not be left empty."""
    answers: dict[str, ToolAnswer] = {}
    for one in questions:
        if one.kind is ToolKind.CONFIRMATION:
            answers[one.id] = ToolAnswer(confirmed=True)
        elif one.kind is ToolKind.USER_INPUT:
            answers[one.id] = ToolAnswer(values={})
    return None if answer_errors(questions, answers) else answers


def filled_in(question: ToolQuestion, answer: ToolAnswer) -> dict[str, Json]:
    """A form's values: the human's, and the model's where it gave one and the human none."""
    own = {field.name: field.value for field in question.form if field.value is not None}
    return {**own, **given_to(question, answer)}


def given_to(question: ToolQuestion, answer: ToolAnswer) -> dict[str, Json]:
    """What an answer puts into a form. An argument that may be None is given it where nobody gave a value, and where
    the human took the model's away, as in agno."""
    said = answer.values or {}
    may_be_none = {one.name for one in question.form if takes_none(question, one)}
    left = {one.name: None for one in question.form if one.name in may_be_none and one.value is None}
    return {**left, **{name: value for name, value in said.items() if value is not None or name in may_be_none}}


def takes_none(question: ToolQuestion, field: InputField) -> bool:
    """Whether the tool is called with None where the field is left empty."""
    return not field.required and field.name not in question.keeps_default


def _errors_of(question: ToolQuestion, answer: ToolAnswer | None, rules: Rules) -> Iterator[str]:
    name = question.tool_name if question.tool_name == question.id else f"{question.tool_name} ({question.id})"
    if answer is None:
        yield f"{name}: {_wanted(question)}"
        return
    expected = _FIELDS_OF[question.kind]
    for field in ("confirmed", "note", "values", "selections", "result"):
        if getattr(answer, field) is not None and field not in expected:
            yield f"{name}: {field} does not answer it"
    yield from (f"{name}: {error}" for error in _faults(question, answer, rules))


def _wanted(question: ToolQuestion) -> str:
    match question.kind:
        case ToolKind.CONFIRMATION:
            return "confirmed (true or false) is needed"
        case ToolKind.USER_INPUT:
            open_fields = [field.name for field in question.form if field.value is None and field.required]
            return f"values are needed for {', '.join(open_fields)}" if open_fields else "values are needed"
        case ToolKind.USER_FEEDBACK:
            return "selections are needed, by question"
        case ToolKind.EXTERNAL_EXECUTION:
            return "result is needed: what the tool gave"


def _faults(question: ToolQuestion, answer: ToolAnswer, rules: Rules) -> Iterator[object]:
    if getattr(answer, _FIELDS_OF[question.kind][0]) is None:
        yield _wanted(question)
    elif question.kind is ToolKind.CONFIRMATION:
        if answer.confirmed and answer.note is not None:
            yield "note: only taken with a rejection"
    elif question.kind is ToolKind.USER_INPUT:
        yield from _form_faults(question, answer, rules)
    elif question.kind is ToolKind.USER_FEEDBACK:
        yield from _choice_faults(question, answer.selections or {})


def _form_faults(question: ToolQuestion, answer: ToolAnswer, rules: Rules) -> Iterator[FieldError]:
    """A type that is not among those of a step's form is the tool's own: of such a value only that it can be said."""
    values = filled_in(question, answer)
    known = {field.name for field in question.form}
    for field in question.form:
        value = values.get(field.name)
        if value is None:
            if field.required or rules is Rules.FIRST:
                yield FieldError(field.name, "is required")
        elif field.field_type in FIELD_TYPES and (error := field_error(replace(field, required=False), value, rules)):
            yield error
        elif rules is Rules.NOW and (fault := unsayable(value)):
            yield FieldError(field.name, fault)
    for name in answer.values or {}:
        if name not in known:
            yield FieldError(name, "is not a field of this form")


def _choice_faults(question: ToolQuestion, selections: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    known = {choice.question for choice in question.choices}
    for choice in question.choices:
        chosen = selections.get(choice.question)
        if not chosen:
            yield f"{choice.question!r} needs a selection"
            continue
        if len(chosen) > 1 and not choice.multi_select:
            yield f"{choice.question!r} takes one selection, not {len(chosen)}"
        labels = [option.label for option in choice.options or ()]
        for label in chosen:
            if labels and label not in labels:
                yield f"{choice.question!r}: {label[:80]!r} is not one of {', '.join(map(repr, labels))}"
    for name in selections:
        if name not in known:
            yield f"{name[:80]!r} is not a question of this call"
