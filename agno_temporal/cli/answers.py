"""A decision from the command line: which requirement is meant, and what type each value is of.

The run judges; nothing is refused here that it would take. A requirement that is closed is decided all the same, so
that whoever comes late is told by the run itself who was first.
"""

from __future__ import annotations

import getpass
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agno_temporal.activities.history import read_plan
from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.cli.tool_answers import tool_answers
from agno_temporal.client import NoWorker, OutcomeUnknown, RunClient
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision
from agno_temporal.plan import GatedNode, InputField, walk
from agno_temporal.plan.data import Json
from agno_temporal.views.kinds import ASKS
from agno_temporal.views.run_view import manifest_of
from agno_temporal.views.text import moment
from agno_temporal.views.tree import decided

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


async def give(runs: RunClient, answer: Answer, as_signal: bool) -> None:
    """Send it, and say what was recorded."""
    asked = None
    if not (as_signal and _is_id(answer.requirement)):
        asked = await _meant(runs, answer, as_signal)
    decision = Decision(
        requirement_id=asked.requirement.id if asked else answer.requirement or "",
        action=answer.action,
        feedback=answer.feedback,
        values=await _values(runs, answer, asked),
        edited_output=answer.edited,
        decided_by=answer.by or _login(),
        decision_id=answer.decision_id or str(uuid.uuid4()),
        selected=answer.routes,
        answers=tool_answers(answer.tools, asked.requirement.tools if asked else ()) if answer.tools else None,
    )
    what = f"step '{asked.requirement.step_name}'" if asked else f"requirement {decision.requirement_id}"
    if as_signal:
        await runs.signal(answer.run_id, decision)
        print(f"Left for run {answer.run_id}: {answer.action.value} of {what}. `agno-temporal show` says how it went.")
        return
    try:
        resolution = await runs.decide(answer.run_id, decision)
    except OutcomeUnknown as error:
        again = f"Repeat the command with --decision-id {decision.decision_id}: then it is taken once."
        raise Failed(f"{error} {again}", ExitCode.NO_ANSWER) from error
    print(f"Recorded at {moment(resolution.at)}: {what} {decided(resolution)}.")


async def _meant(runs: RunClient, answer: Answer, as_signal: bool) -> Asked:
    """The requirement that is meant: an open one, else the last closed one."""
    try:
        manifest = await manifest_of(runs, answer.run_id)
    except NoWorker as error:
        hint = " With --signal and the requirement's id, none is needed." if as_signal else ""
        raise Failed(f"{error}{hint}", ExitCode.NO_ANSWER) from error
    wanted = answer.requirement
    fitting = [one for one in manifest.asked if wanted is None or wanted in _names(one)]
    opened = [one for one in fitting if one.resolution is None]
    if len(opened) > 1:
        raise Failed(f"Run {answer.run_id!r} waits for several: {_listed(opened)}. Name one.", ExitCode.USAGE)
    if not fitting:
        waiting = [one for one in manifest.asked if one.resolution is None]
        what = f"has no requirement {wanted!r}" if wanted else "waits for nothing"
        raise Failed(
            f"Run {answer.run_id!r} ({manifest.status}) {what}. Open are: {_listed(waiting)}.", ExitCode.NOT_FOUND
        )
    return (opened or fitting)[-1]


def _names(asked: Asked) -> tuple[str, ...]:
    return (asked.requirement.id, asked.requirement.step_name, asked.requirement.path)


def _listed(many: Iterable[Asked]) -> str:
    said = [f"{one.requirement.step_name} ({ASKS[one.requirement.kind]}, {one.requirement.id})" for one in many]
    return ", ".join(said) or "none"


async def _values(runs: RunClient, answer: Answer, asked: Asked | None) -> dict[str, Json] | None:
    if not answer.pairs:
        return {} if answer.action is Action.INPUT else None
    if asked is not None:
        return typed(answer.pairs, asked.requirement.form or ())
    plan = await read_plan(runs.client, answer.run_id)
    nodes = [node for node in walk(plan.steps if plan else ()) if isinstance(node, GatedNode)]
    return typed(answer.pairs, [field for node in nodes for field in node.review.user_input_schema or ()])


def typed(pairs: Iterable[str], form: Sequence[InputField]) -> dict[str, Json]:
    """Values of the types of a form's fields.

    >>> typed(["percent=10", "note=10"], [InputField("percent", "int"), InputField("note")])
    {'percent': 10, 'note': '10'}

    Raises:
        Failed: Something is no pair, or a value is not of its field's type.
    """
    fields = {field.name: field for field in form}
    values: dict[str, Json] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise Failed(f"{pair!r} is not NAME=VALUE.", ExitCode.USAGE)
        field = fields.get(name)
        try:
            values[name] = _parsed(text, field.field_type if field else "any")
        except (ValueError, KeyError) as error:
            kind = field.field_type if field else "any"
            raise Failed(f"{name}: {text!r} is no {kind}.", ExitCode.USAGE) from error
    return values


def _parsed(text: str, field_type: str) -> Json:
    match field_type:
        case "str":
            return text
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "bool":
            return _WORDS[text.lower()]
        case "list" | "dict":
            return json.loads(text)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_id(requirement: str | None) -> bool:
    try:
        return requirement is not None and bool(uuid.UUID(requirement))
    except ValueError:
        return False


def _login() -> str | None:
    """The login name; None in a container without users."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
