"""Commands that decide: `confirm`, `reject`, `input`, `edit`, `select`, `retry`, `skip` and `answer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.cli.options import RunId, connected
from agno_temporal.cli.running import chosen_content

if TYPE_CHECKING:
    from agno_temporal.cli.backend import Backend

Wanted = Annotated[
    str | None,
    typer.Argument(metavar="REQUIREMENT", help="Its id, or its step's name; not needed where only one is open."),
]
By = Annotated[str | None, typer.Option(help="Who decides. Your login name, if left out.")]
Values = Annotated[
    list[str] | None,
    typer.Option("--value", metavar="NAME=VALUE", help="A field of the form; lists and objects as JSON. Repeatable."),
]
Signal = Annotated[
    bool, typer.Option("--signal", help="Leave it for the run, without an answer. Needs no worker, if given the id.")
]
DecisionId = Annotated[
    str | None, typer.Option(help="Sent twice under one id, a decision is taken once. Drawn at random, if left out.")
]


@connected
async def confirm(
    backend: Backend,
    run_id: RunId,
    requirement: Wanted = None,
    value: Values = None,
    by: By = None,
    signal: Signal = False,
    decision_id: DecisionId = None,
) -> None:
    """Confirm a step, or approve its output; a loop ends with the iteration that is approved."""
    from agno_temporal.cli.answers import Answer, give
    from agno_temporal.hitl import Action

    await give(backend, Answer(run_id, requirement, Action.CONFIRM, by, decision_id, pairs=tuple(value or ())), signal)


@connected
async def reject(
    backend: Backend,
    run_id: RunId,
    requirement: Wanted = None,
    feedback: Annotated[str | None, typer.Option(help="Why; a step that runs again is shown it.")] = None,
    by: By = None,
    signal: Signal = False,
    decision_id: DecisionId = None,
) -> None:
    """Reject a step, or its output. What that does is said by the workflow; `show` tells it."""
    from agno_temporal.cli.answers import Answer, give
    from agno_temporal.hitl import Action

    await give(backend, Answer(run_id, requirement, Action.REJECT, by, decision_id, feedback=feedback), signal)


@connected
async def provide_input(
    backend: Backend,
    run_id: RunId,
    requirement: Wanted = None,
    value: Values = None,
    by: By = None,
    signal: Signal = False,
    decision_id: DecisionId = None,
) -> None:
    """Fill in the form that a step waits for."""
    from agno_temporal.cli.answers import Answer, give
    from agno_temporal.hitl import Action

    await give(backend, Answer(run_id, requirement, Action.INPUT, by, decision_id, pairs=tuple(value or ())), signal)


@connected
async def edit(
    backend: Backend,
    run_id: RunId,
    requirement: Wanted = None,
    text: Annotated[str | None, typer.Option(help="The new output, as text.")] = None,
    json: Annotated[str | None, typer.Option(help="The new output, as JSON.")] = None,
    file: Annotated[
        str | None, typer.Option(help="A file with the new output: JSON if its name ends so, else text; - is stdin.")
    ] = None,
    by: By = None,
    signal: Signal = False,
    decision_id: DecisionId = None,
) -> None:
    """Put another output in place of the one under review, and approve it.

    Without one, the output is opened in EDITOR.
    """
    from agno_temporal.cli.answers import Answer, give
    from agno_temporal.cli.console import can_ask
    from agno_temporal.hitl import Action

    edited = chosen_content(text, json, file, "--text, --json and --file")
    if edited is None:
        if not can_ask():
            raise Failed("The new output is missing: --text, --json or --file.", ExitCode.USAGE)
        from agno_temporal.cli.answers import meant
        from agno_temporal.cli.editing import edited_output

        question = await meant(backend, run_id, requirement)
        requirement = question["requirement_id"]
        edited = await edited_output(question["under_review"])
        if edited is None:
            tell("The output was left as it is: nothing is decided.")
            return
    await give(backend, Answer(run_id, requirement, Action.EDIT, by, decision_id, edited=edited), signal)


@connected
async def select(
    backend: Backend,
    run_id: RunId,
    requirement: Wanted = None,
    route: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A route to take. Repeatable, where several may be taken: in their order."),
    ] = None,
    value: Values = None,
    by: By = None,
    signal: Signal = False,
    decision_id: DecisionId = None,
) -> None:
    """Choose the route of a router."""
    from agno_temporal.cli.answers import Answer, give
    from agno_temporal.hitl import Action

    if not route:
        raise Failed("The route is missing: --route NAME.", ExitCode.USAGE)
    answer = Answer(
        run_id, requirement, Action.SELECT, by, decision_id, pairs=tuple(value or ()), routes=tuple(route)
    )  # fmt: skip
    await give(backend, answer, signal)


@connected
async def retry(
    backend: Backend,
    run_id: RunId,
    requirement: Wanted = None,
    by: By = None,
    signal: Signal = False,
    decision_id: DecisionId = None,
) -> None:
    """Try a step again that failed. What had finished is not repeated."""
    from agno_temporal.cli.answers import Answer, give
    from agno_temporal.hitl import Action

    await give(backend, Answer(run_id, requirement, Action.RETRY, by, decision_id), signal)


@connected
async def skip(
    backend: Backend,
    run_id: RunId,
    requirement: Wanted = None,
    by: By = None,
    signal: Signal = False,
    decision_id: DecisionId = None,
) -> None:
    """Leave a step out that failed, and go on behind it."""
    from agno_temporal.cli.answers import Answer, give
    from agno_temporal.hitl import Action

    await give(backend, Answer(run_id, requirement, Action.SKIP, by, decision_id), signal)


@connected
async def answer(
    backend: Backend,
    run_id: RunId,
    requirement: Wanted = None,
    tool: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CALL=ANSWER",
            help="yes, no or no: WHY for a confirmation, JSON for a form or a choice, else the result. Repeatable.",
        ),
    ] = None,
    by: By = None,
    signal: Signal = False,
    decision_id: DecisionId = None,
) -> None:
    """Answer the tools that an agent or a team waits for, all of them at once."""
    from agno_temporal.cli.answers import Answer, give
    from agno_temporal.hitl import Action

    if not tool:
        raise Failed("The answers are missing: --tool CALL=ANSWER, for each call. `show` tells them.", ExitCode.USAGE)
    await give(backend, Answer(run_id, requirement, Action.ANSWER, by, decision_id, tools=tuple(tool)), signal)
