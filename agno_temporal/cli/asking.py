"""``run --ask``: each decision is asked for at the terminal, like a form, until the run has ended.

Nobody has to answer: Enter leaves a question open, for another command or another person. What the run does not take
is asked anew; what somebody else decided meanwhile is told.
"""

from __future__ import annotations

from dataclasses import replace

from agno_temporal.cli.answers import Answer, give
from agno_temporal.cli.asking_tools import asked_tool
from agno_temporal.cli.backend import Backend, Document
from agno_temporal.cli.console import can_ask
from agno_temporal.cli.copied import copied
from agno_temporal.cli.editing import edited_output
from agno_temporal.cli.exits import ExitCode, Refused, tell
from agno_temporal.cli.prompts import LeftOpen, filled_in, line, names, word
from agno_temporal.cli.stdout import ours
from agno_temporal.cli.waiting import how_it_ended, present, settled
from agno_temporal.hitl import Action
from agno_temporal.plan.data import Json


async def asked_out(backend: Backend, run_id: str) -> ExitCode:
    """Show the run whenever it waits, and ask, until it has ended or an answer is left out."""
    while True:
        run = await settled(backend, run_id, live=True)
        present(run, as_json=False)
        if not run["pending"]:
            return how_it_ended(run)
        answered = [await _asked(backend, asked) for asked in run["pending"]]
        if not any(answered):
            tell(f"Run {run_id} goes on waiting. `{copied('show', run_id)}` shows it.")
            return ExitCode.OK


async def _asked(backend: Backend, one: Document) -> bool:
    """Ask for a decision, and send it. False where none was given."""
    print(file=ours())
    try:
        action = Action(await word(f"{one['step_name']}:", one["actions"]))
        await give(backend, await _answer(one, action), as_signal=False)
    except LeftOpen:
        return False
    except Refused as refused:
        tell(str(refused))
    return True


async def _answer(one: Document, action: Action) -> Answer:
    """The answer, with all that belongs to it."""
    answer = Answer(one["run_id"], one["requirement_id"], action)
    match action:
        case Action.REJECT:
            feedback = await line("Why? (Enter gives no reason)")
            return replace(answer, feedback=feedback or None)
        case Action.EDIT:
            return replace(answer, edited=await _new_output(one))
        case Action.SELECT:
            routes = await names("Route", one["choices"] or (), one["allow_multiple_selections"])
            return replace(answer, routes=routes, pairs=await _form(one))
        case Action.ANSWER:
            return replace(answer, tools=tuple([await asked_tool(tool) for tool in one["tools"]]))
        case Action.CONFIRM | Action.INPUT:
            return replace(answer, pairs=await _form(one))
    return answer


async def _new_output(one: Document) -> Json:
    """From an editor at a terminal, else a line."""
    if can_ask():
        edited = await edited_output(one["under_review"])
    else:
        edited = await line("The new output:") or None
    if edited is None:
        raise LeftOpen
    return edited


async def _form(one: Document) -> tuple[str, ...]:
    return () if one["fields"] is None else await filled_in(one["fields"])
