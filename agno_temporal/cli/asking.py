"""``run --ask``: each decision is asked for at the terminal, like a form, until the run has ended.

Nobody has to answer: Enter leaves a question open, for another command or another person. What the run does not take
is asked anew; what somebody else decided meanwhile is told.
"""

from __future__ import annotations

from agno_temporal.cli.answers import Answer, give
from agno_temporal.cli.asking_tools import asked_tool
from agno_temporal.cli.exits import ExitCode, tell
from agno_temporal.cli.prompts import LeftOpen, filled_in, line, names, word
from agno_temporal.cli.waiting import how_it_ended, present, settled
from agno_temporal.client import DecisionRefused, RunClient
from agno_temporal.hitl import Action, Requirement, allowed_actions
from agno_temporal.views.run_view import look_at


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
    """Ask for a decision, and send it. False where none was given."""
    print()
    try:
        action = Action(await word(f"{one.step_name}:", [action.value for action in allowed_actions(one)]))
        await give(runs, await _answer(run_id, one, action), as_signal=False)
    except LeftOpen:
        return False
    except DecisionRefused as refused:
        tell(str(refused))
    return True


async def _answer(run_id: str, one: Requirement, action: Action) -> Answer:
    """The answer, with all that belongs to it."""
    match action:
        case Action.REJECT:
            feedback = await line("Why? (Enter gives no reason)")
            return Answer(run_id, one.id, action, feedback=feedback or None)
        case Action.EDIT:
            edited = await line("The new output:")
            if not edited:
                raise LeftOpen
            return Answer(run_id, one.id, action, edited=edited)
        case Action.SELECT:
            routes = await names("Route", one.choices or (), one.allow_multiple_selections)
            return Answer(run_id, one.id, action, routes=routes, pairs=await _form(one))
        case Action.ANSWER:
            return Answer(run_id, one.id, action, tools=tuple([await asked_tool(tool) for tool in one.tools]))
        case Action.CONFIRM | Action.INPUT:
            return Answer(run_id, one.id, action, pairs=await _form(one))
    return Answer(run_id, one.id, action)


async def _form(one: Requirement) -> tuple[str, ...]:
    return () if one.form is None else await filled_in(one.form)
