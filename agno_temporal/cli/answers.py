"""A decision from the command line: which requirement is meant, and what type each value is of.

The run judges; nothing is refused here that it would take. A requirement that is closed is decided all the same, so
that whoever comes late is told by the run itself who was first.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agno_temporal.cli.backend import Backend, Document
from agno_temporal.cli.console import say
from agno_temporal.cli.exits import ExitCode, Failed, Unknown
from agno_temporal.cli.json_texts import from_json_text
from agno_temporal.cli.question import asks
from agno_temporal.cli.tool_answers import tool_answers
from agno_temporal.follow.errors import NoWorker
from agno_temporal.hitl import Action, Decision, input_errors
from agno_temporal.plan import InputField
from agno_temporal.plan.data import Json
from agno_temporal.views.kinds import done_by

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Answer:
    """What somebody typed. `requirement` is an id or a step's name; `pairs` are ``name=value``, `routes` are names, and
    `tools` are ``call=answer``."""

    run_id: str
    requirement: str | None
    action: Action
    by: str | None = None
    decision_id: str | None = None
    feedback: str | None = None
    pairs: tuple[str, ...] = ()
    edited: Json = None
    routes: tuple[str, ...] | None = None
    tools: tuple[str, ...] = ()


async def give(backend: Backend, answer: Answer, as_signal: bool) -> None:
    """Send it, and say what was recorded."""
    asked = await _asked(backend, answer, as_signal)
    decision = Decision(
        requirement_id=asked["requirement_id"] if asked else answer.requirement or "",
        action=answer.action,
        feedback=answer.feedback,
        values=await _values(backend, answer, asked),
        edited_output=answer.edited,
        decided_by=backend.actor(answer.by),
        decision_id=answer.decision_id or str(uuid.uuid4()),
        selected=answer.routes,
        answers=tool_answers(answer.tools, asked.get("tools", ()) if asked else ()) if answer.tools else None,
    )
    what = f"step '{asked['step_name']}'" if asked else f"requirement {decision.requirement_id}"
    try:
        if as_signal:
            await backend.signal(answer.run_id, decision)
            left = f"Left for run {answer.run_id}: {answer.action.value} of {what}."
            said = f"{left} `agno-temporal show` says how it went."
        else:
            recorded = await backend.decide(answer.run_id, decision)
            said = f"Recorded at {recorded['at']}: {what} {decided(recorded)}."
    except Unknown as error:
        again = f"Repeat the command with --decision-id {decision.decision_id}: then it is taken once."
        raise Failed(f"{error} {again}", ExitCode.NO_ANSWER) from error
    say(said)


def decided(recorded: Document) -> str:
    """Who did what: "confirmed by ana"."""
    return done_by(
        Action(recorded["action"]), recorded["decided_by"], recorded["selected"] or (), recorded["feedback"]
    )  # fmt: skip


async def meant(backend: Backend, run_id: str, wanted: str | None) -> Document:
    """The open requirement that is meant, with what is under review.

    Raises:
        Failed: There is none, or more than one.
    """
    run = await backend.run(run_id)
    found = _picked(run, wanted)
    if found["requirement_id"] not in {one["requirement_id"] for one in run["pending"]}:
        raise Failed(f"Step '{found['step_name']}' was {decided(found)}. This changes nothing.", ExitCode.REFUSED)
    return found


async def _asked(backend: Backend, answer: Answer, as_signal: bool) -> Document | None:
    """The requirement that is meant. None where its id suffices: no value needs a type, or nobody knows its form."""
    suffices = as_signal and _is_id(answer.requirement)
    if suffices and not answer.pairs:
        return None
    try:
        return await _meant(backend, answer, as_signal)
    except Failed as error:
        if suffices and error.code is ExitCode.NO_ANSWER:
            return None
        raise


async def _meant(backend: Backend, answer: Answer, as_signal: bool) -> Document:
    """The requirement that is meant: an open one, else the last closed one."""
    try:
        run = await backend.questions(answer.run_id)
    except (NoWorker, Failed) as error:
        if isinstance(error, Failed) and error.code is not ExitCode.NO_ANSWER:
            raise
        hint = " With --signal and the requirement's id, none is needed." if as_signal else ""
        raise Failed(f"{error}{hint}", ExitCode.NO_ANSWER) from error
    return _picked(run, answer.requirement)


def _picked(run: Document, wanted: str | None) -> Document:
    opened, closed = ([one for one in run[key] if _fits(one, wanted)] for key in ("pending", "decisions"))
    if len(opened) > 1:
        raise Failed(f"Run {run['run_id']!r} waits for several: {_listed(opened)}. Name one.", ExitCode.USAGE)
    if not opened and not closed:
        what = f"has no requirement {wanted!r}" if wanted else "waits for nothing"
        raise Failed(
            f"Run {run['run_id']!r} ({run['status']}) {what}. Open are: {_listed(run['pending'])}.", ExitCode.NOT_FOUND
        )
    picked: Document = (opened or closed)[-1]
    return picked


def _fits(one: Document, wanted: str | None) -> bool:
    return wanted is None or wanted in (one["requirement_id"], one["step_name"], one["path"])


def _listed(many: Iterable[Document]) -> str:
    said = [f"{one['step_name']} ({asks(one)}, {one['requirement_id']})" for one in many]
    return ", ".join(said) or "none"


async def _values(backend: Backend, answer: Answer, asked: Document | None) -> dict[str, Json] | None:
    if not answer.pairs:
        return {} if answer.action is Action.INPUT else None
    if asked is not None:
        return _filled_in(answer.pairs, asked["fields"] or ())
    return _typed_by_any(answer.pairs, await backend.fields(answer.run_id))


def _typed_by_any(pairs: Iterable[str], forms: Sequence[Document]) -> dict[str, Json]:
    """Values by the fields of several forms, of which nobody says which is meant.

    Raises:
        Failed: A field has another type in each.
    """
    for name in {pair.partition("=")[0] for pair in pairs}:
        if len(types := {field["type"] for field in forms if field["name"] == name}) > 1:
            raise Failed(
                f"{name} is {' or '.join(sorted(types))}: several forms have it, and no worker says which is meant.",
                ExitCode.NO_ANSWER,
            )
    return typed(pairs, forms)


def _filled_in(pairs: Iterable[str], form: Sequence[Document]) -> dict[str, Json]:
    """Values for a form that is known. Where one cannot be read, the run will not see them to judge; so it is said here
    what it would find wrong besides."""
    values, faults = _read(pairs, form)
    if faults and form:
        fields = [_field(one) for one in form]
        faults.update((wrong.name, str(wrong)) for wrong in input_errors(fields, values) if wrong.name not in faults)
    return _sound(values, faults)


def typed(pairs: Iterable[str], form: Sequence[Document]) -> dict[str, Json]:
    """Values of the types of a form's fields.

    >>> typed(["percent=10", "note=10"], [{"name": "percent", "type": "int"}, {"name": "note", "type": "str"}])
    {'percent': 10, 'note': '10'}

    Raises:
        Failed: Something is no pair, a name is given twice, or a value is not of its field's type. All of it is named.
    """
    return _sound(*_read(pairs, form))


def _read(pairs: Iterable[str], form: Sequence[Document]) -> tuple[dict[str, Json], dict[str, str]]:
    """The values that can be read, and why others cannot be, by their names."""
    types = {field["name"]: field["type"] for field in form}
    values: dict[str, Json] = {}
    faults: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        field_type = types.get(name, "any")
        if not equals or not name:
            faults[name] = f"{pair!r} is not NAME=VALUE"
        elif name in values or name in faults:
            faults[name] = f"{name} is given twice: say one of the values"
        else:
            try:
                values[name] = _parsed(text, field_type)
            except (ValueError, KeyError):
                faults[name] = f"{name}: {text!r} is no {field_type}"
    return values, faults


def _sound(values: dict[str, Json], faults: Mapping[str, str]) -> dict[str, Json]:
    if faults:
        raise Failed(f"{'; '.join(faults.values())}.", ExitCode.USAGE)
    return values


def _field(one: Document) -> InputField:
    allowed = one["allowed_values"]
    return InputField(
        one["name"], one["type"], required=one["required"], allowed_values=None if allowed is None else tuple(allowed)
    )


def _parsed(text: str, field_type: str) -> Json:
    match field_type:
        case "str":
            return text
        case "int":
            return int(text)
        case "float":
            return float(from_json_text(repr(float(text))))  # NaN and infinity are no JSON.
        case "bool":
            return _WORDS[text.lower()]
        case "list" | "dict":
            return from_json_text(text)
    try:
        return from_json_text(text)
    except ValueError:
        return text


def _is_id(requirement: str | None) -> bool:
    try:
        return requirement is not None and bool(uuid.UUID(requirement))
    except ValueError:
        return False
