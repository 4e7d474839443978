"""``run --ask``: each decision is asked for at the terminal, like a form, until the run has ended.

Nobody has to answer: Enter leaves a question open, for another command or another person. What the run does not take
is asked anew; what somebody else decided meanwhile is told.
"""

from __future__ import annotations

import asyncio
import json
import sys

from agno_temporal.cli.answers import Answer, give, typed
from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.cli.text import one_line, printable
from agno_temporal.cli.view import look_at
from agno_temporal.cli.waiting import how_it_ended, present, settled
from agno_temporal.client import DecisionRefused, RunClient
from agno_temporal.hitl import ALLOWED, Action, Requirement
from agno_temporal.plan import InputField


class LeftOpen(Exception):
    """Whoever was asked gave no answer."""


async def asked_out(runs: RunClient, run_id: str) -> ExitCode:
    """Show the run whenever it waits, and ask, until it has ended or an answer is left out."""
    while True:
        manifest = await settled(runs, run_id)
        view = await look_at(runs, run_id, manifest)
        present(view, as_json=False)
        if not view.waiting():
            return how_it_ended(manifest)
        answered = [await _asked(runs, run_id, asked.requirement) for asked, _ in view.waiting()]
        if not any(answered):
            tell(f"Run {run_id} goes on waiting. `agno-temporal show {run_id}` shows it.")
            return ExitCode.OK


async def _asked(runs: RunClient, run_id: str, one: Requirement) -> bool:
    """Ask until the run takes the answer. False where none was given."""
    print()
    try:
        action = await _action(one)
        answer = await _answer(run_id, one, action)
        await give(runs, answer, as_signal=False)
    except LeftOpen:
        return False
    except DecisionRefused as refused:
        tell(str(refused))
    return True


async def _action(one: Requirement) -> Action:
    """Which of the answers it is; the beginning of a word suffices."""
    allowed = {action.value: action for action in ALLOWED[one.kind]}
    while True:
        said = await _line(f"{one.step_name}: {', '.join(allowed)}? (Enter leaves it open)")
        if not said:
            raise LeftOpen
        meant = [action for word, action in allowed.items() if word.startswith(said.lower())]
        if len(meant) == 1:
            return meant[0]
        tell(f"{said!r} is none of {', '.join(allowed)}.")


async def _answer(run_id: str, one: Requirement, action: Action) -> Answer:
    """The answer, with all that belongs to it."""
    feedback, edited, routes, pairs = None, None, None, tuple[str, ...]()
    match action:
        case Action.REJECT:
            feedback = await _line("Why? (Enter gives no reason)") or None
        case Action.EDIT:
            edited = await _line("The new output:") or None
            if edited is None:
                raise LeftOpen
        case Action.SELECT:
            routes = await _routes(one)
            pairs = await _filled_in(one)
        case Action.CONFIRM | Action.INPUT:
            pairs = await _filled_in(one)
    return Answer(run_id, one.id, action, feedback=feedback, edited=edited, routes=routes, pairs=pairs)


async def _routes(one: Requirement) -> tuple[str, ...]:
    choices, chosen = one.choices or (), list[str]()
    while True:
        more = " (Enter ends the list)" if chosen else ""
        said = await _line(f"Route, one of {', '.join(choices)}:{more}")
        if not said:
            if not chosen:
                raise LeftOpen
            return tuple(chosen)
        if said not in choices:
            tell(f"{said!r} is none of {', '.join(choices)}.")
            continue
        chosen.append(said)
        if not one.allow_multiple_selections:
            return tuple(chosen)


async def _filled_in(one: Requirement) -> tuple[str, ...]:
    """The form as pairs. One without fields takes any."""
    if one.form is None:
        return ()
    if one.form:
        asked = [await _field(field) for field in one.form]
        return tuple(pair for pair in asked if pair is not None)
    pairs: list[str] = []
    while said := await _line("NAME=VALUE (Enter ends the form):"):
        if _is_fine(said, ()):
            pairs.append(said)
    return tuple(pairs)


async def _field(field: InputField) -> str | None:
    """One field as a pair; None where it is left out. Enter takes the default that is shown."""
    said = [field.field_type, "required" if field.required else "optional"]
    if field.allowed_values is not None:
        said.append("one of " + ", ".join(map(one_line, field.allowed_values)))
    if field.value is not None:
        said.append(f"Enter takes {one_line(field.value)}")
    what = f"{field.name}: {field.description}" if field.description else field.name
    while True:
        value = await _line(f"{what} ({'; '.join(said)}):")
        if not value and field.value is not None:
            value = field.value if isinstance(field.value, str) else json.dumps(field.value)
        if value and _is_fine(pair := f"{field.name}={value}", (field,)):
            return pair
        if not value and not field.required:
            return None


def _is_fine(pair: str, form: tuple[InputField, ...]) -> bool:
    try:
        typed([pair], form)
    except Failed as failed:
        tell(str(failed))
        return False
    return True


async def _line(prompt: str) -> str:
    """A line of stdin. Its end leaves everything open that is still asked."""
    print(printable(prompt), end=" ", flush=True)
    line: str = await asyncio.to_thread(sys.stdin.readline)
    if not line:
        print()
        raise LeftOpen
    return line.strip()
