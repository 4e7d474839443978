"""Requirements and bodies of every kind, drawn: forms, routes, tools, and what somebody might send."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agno_temporal.api.decision_bodies import BODIES
from agno_temporal.hitl import Action, Choice, Kind, Option, Requirement, ToolKind, ToolQuestion
from agno_temporal.plan import InputField
from tests.hitl.questions import question

SAMPLES: dict[str, list[Any]] = {
    "str": ["", "eu", "us"],
    "int": [0, 1, 7],
    "float": [0, 0.5, 1],
    "bool": [True, False],
    "list": [[], [1], ["eu"]],
    "dict": [{}, {"a": 1}, {"a": {"b": [None]}}],
    "date": ["", "2026-10-01", 7, ["eu"]],
}
"""Values of each type of field, of which agno does not know the last."""

ANYTHING = [None, 2.5, *(value for values in SAMPLES.values() for value in values)]
NAMES = ("region", "copies", "note", "values", "")
ROUTES = ("left", "right", "")
LABELS = ("eu", "us")
BODY_OF = {body.ACTION: body for body in BODIES}


@st.composite
def fields(draw: st.DrawFn, name: str, types: tuple[str, ...] = tuple(SAMPLES)) -> InputField:
    """A field, as a workflow may declare it: its allowed values are of its type."""
    field_type = draw(st.sampled_from(types))
    samples = st.sampled_from(SAMPLES.get(field_type, ANYTHING))
    allowed = draw(st.none() | st.lists(samples, min_size=1, max_size=3).map(tuple)) if field_type in SAMPLES else None
    return InputField(
        name=name,
        field_type=field_type,
        description=draw(st.sampled_from([None, "which"])),
        value=draw(st.none() | samples),
        required=draw(st.booleans()),
        allowed_values=allowed,
    )


@st.composite
def forms(draw: st.DrawFn, types: tuple[str, ...] = tuple(SAMPLES)) -> tuple[InputField, ...]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    return tuple(draw(fields(name, types)) for name in names)


@st.composite
def choices(draw: st.DrawFn) -> tuple[Choice, ...]:
    questions = draw(st.lists(st.sampled_from(["where", "when"]), unique=True, max_size=2))
    options = st.none() | st.just(tuple(Option(label) for label in LABELS)) | st.just(())
    return tuple(Choice(one, options=draw(options), multi_select=draw(st.booleans())) for one in questions)


@st.composite
def tools(draw: st.DrawFn, tool_id: str) -> ToolQuestion:
    kind = draw(st.sampled_from(ToolKind))
    form = draw(forms((*SAMPLES, "Optional[Path]"))) if kind is ToolKind.USER_INPUT else ()
    asked = draw(choices()) if kind is ToolKind.USER_FEEDBACK else ()
    defaults = tuple(one.name for one in form if not one.required and draw(st.booleans()))
    return ToolQuestion(tool_id, f"r-{tool_id}", kind, "tool", form=form, choices=asked, keeps_default=defaults)


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    kind = draw(st.sampled_from(Kind))
    ids = draw(st.lists(st.sampled_from(["c1", "c2", "c3"]), unique=True, max_size=3))
    return question(
        kind,
        schema=draw(st.none() | forms()),
        choices=draw(st.lists(st.sampled_from(ROUTES), unique=True, min_size=1).map(tuple)),
        allow_multiple_selections=draw(st.booleans()),
        tools=tuple(draw(tools(one)) for one in ids) if kind is Kind.EXECUTOR else (),
    )


def values(form: tuple[InputField, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Values of a form: mostly ones that fit, now and then another, one too many, or one too few."""
    one = {
        field.name: st.sampled_from([*(field.allowed_values or SAMPLES.get(field.field_type, ANYTHING))])
        for field in form
    }
    wild = {name: st.sampled_from(ANYTHING) for name in one}
    others = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(ANYTHING), max_size=2)
    return st.one_of(
        st.fixed_dictionaries(one),
        st.fixed_dictionaries({}, optional=one),
        st.fixed_dictionaries(wild),
        others,
    )


def selections(asked: tuple[Choice, ...]) -> st.SearchStrategy[dict[str, Any]]:
    labels = st.sampled_from([*LABELS, "mars"])
    fitting = {one.question: st.lists(st.sampled_from(LABELS), min_size=1, max_size=2) for one in asked}
    wild = st.dictionaries(st.sampled_from(["where", "when", "who"]), st.lists(labels, max_size=2), max_size=2)
    return st.fixed_dictionaries(fitting) | wild


def tool_answers(tool: ToolQuestion) -> st.SearchStrategy[dict[str, Any]]:
    members: dict[str, st.SearchStrategy[Any]] = {
        "confirmed": st.booleans(),
        "note": st.sampled_from(["", "why"]),
        "values": values(tool.form),
        "selections": selections(tool.choices),
        "result": st.sampled_from(["", "42"]),
    }
    name = OWN[tool.kind]
    return st.one_of(
        st.fixed_dictionaries({name: members[name]}),
        st.fixed_dictionaries({name: members[name]}, optional={"note": members["note"]}),
        st.fixed_dictionaries({}, optional={**members, "answer": st.none()}),
    )


OWN = {
    ToolKind.CONFIRMATION: "confirmed",
    ToolKind.USER_INPUT: "values",
    ToolKind.USER_FEEDBACK: "selections",
    ToolKind.EXTERNAL_EXECUTION: "result",
}
"""The member that answers each kind of tool."""


def bodies(requirement: Requirement, action: Action) -> st.SearchStrategy[dict[str, Any]]:
    """What somebody might send to an action: its own members, or any."""
    answers = {tool.id: tool_answers(tool) for tool in requirement.tools}
    form = {"values": values(requirement.form or ())}
    members: dict[str, st.SearchStrategy[Any]] = {
        **form,
        "note": st.sampled_from(["", "checked"]),
        "feedback": st.just("no"),
        "routes": st.lists(st.sampled_from(requirement.choices or ()), min_size=1, max_size=2)
        | st.lists(st.sampled_from(["left", "up"]), max_size=2),
        "output": st.sampled_from(ANYTHING),
        "tools": st.fixed_dictionaries(answers) | st.fixed_dictionaries({}, optional={**answers, "c9": st.just({})}),
    }
    own = {name: members[name] for name in BODY_OF[action].model_fields}
    needed = {name: one for name, one in own.items() if name not in ("values", "note", "feedback")}
    filled = form if "values" in own and requirement.form is not None else {}
    return st.one_of(
        st.fixed_dictionaries({**needed, **filled}),
        st.fixed_dictionaries(needed, optional={name: one for name, one in own.items() if name not in needed}),
        st.fixed_dictionaries({}, optional={**members, "deadline": st.none()}),
        st.sampled_from([{name: None} for name in members] + [{"note": 5}, {"tools": []}]),
    )
