"""Commands that decide: `confirm`, `reject`, `input`, `edit`, `select`, `retry`, `skip` and `answer`.

All of them say which question is meant, who decides, and how the answer is sent; they differ in what the answer holds.
So `decides` puts in what is common, and each says the rest.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.cli.options import RunId, connected
from agno_temporal.cli.running import chosen_content

if TYPE_CHECKING:
    from agno_temporal.cli.answers import Answer
    from agno_temporal.cli.backend import Backend

Values = Annotated[
    list[str] | None,
    typer.Option("--value", metavar="NAME=VALUE", help="A field of the form; lists and objects as JSON. Repeatable."),
]


def _parameter(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


WHICH = (
    _parameter("run_id", RunId, inspect.Parameter.empty),
    _parameter(
        "requirement",
        Annotated[
            str | None,
            typer.Argument(
                metavar="REQUIREMENT", help="Its id, or its step's name; not needed where only one is open."
            ),
        ],
    ),
)
"""The first parameters of every command that decides."""

HOW = (
    _parameter("by", Annotated[str | None, typer.Option(help="Who decides. Your login name, if left out.")]),
    _parameter(
        "signal",
        Annotated[
            bool,
            typer.Option("--signal", help="Leave it for the run, without an answer. Needs no worker, if given the id."),
        ],
        False,
    ),
    _parameter(
        "decision_id",
        Annotated[
            str | None,
            typer.Option(help="Sent twice under one id, a decision is taken once. Drawn at random, if left out."),
        ],
    ),
)
"""The last ones."""

Body = Callable[..., Coroutine[Any, Any, "Answer | None"]]


def decides(action: str) -> Callable[[Body], Callable[..., None]]:
    """The command whose body is given a `Backend` and an answer, and fills in the answer; with None, nothing is
    decided."""

    def as_command(body: Body) -> Callable[..., None]:
        @functools.wraps(body)
        async def decide(
            backend: Backend,
            run_id: str,
            requirement: str | None,
            by: str | None,
            signal: bool,
            decision_id: str | None,
            **own: Any,
        ) -> None:
            from agno_temporal.cli.answers import Answer, give
            from agno_temporal.hitl import Action

            answer = await body(backend, Answer(run_id, requirement, Action(action), by, decision_id), **own)
            if answer is not None:
                await give(backend, answer, signal)

        hints = typing.get_type_hints(body, localns={"Backend": Any, "Answer": Any}, include_extras=True)
        backend, _answer, *own = inspect.signature(body).parameters.values()
        own = [one.replace(annotation=hints[one.name], kind=one.KEYWORD_ONLY) for one in own]
        parameters = [backend, *WHICH, *own, *HOW]
        decide.__annotations__ = {one.name: one.annotation for one in parameters}
        decide.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return connected(decide)

    return as_command


@decides("confirm")
async def confirm(backend: Backend, answer: Answer, value: Values = None) -> Answer:
    """Confirm a step, or approve its output; a loop ends with the iteration that is approved."""
    return replace(answer, pairs=tuple(value or ()))


@decides("reject")
async def reject(
    backend: Backend,
    answer: Answer,
    feedback: Annotated[str | None, typer.Option(help="Why; a step that runs again is shown it.")] = None,
) -> Answer:
    """Reject a step, or its output. What that does is said by the workflow; `show` tells it."""
    return replace(answer, feedback=feedback)


@decides("input")
async def provide_input(backend: Backend, answer: Answer, value: Values = None) -> Answer:
    """Fill in the form that a step waits for."""
    return replace(answer, pairs=tuple(value or ()))


@decides("edit")
async def edit(
    backend: Backend,
    answer: Answer,
    text: Annotated[str | None, typer.Option(help="The new output, as text.")] = None,
    json: Annotated[str | None, typer.Option(help="The new output, as JSON.")] = None,
    file: Annotated[
        str | None, typer.Option(help="A file with the new output: JSON if its name ends so, else text; - is stdin.")
    ] = None,
) -> Answer | None:
    """Put another output in place of the one under review, and approve it.

    Without one, the output is opened in EDITOR.
    """
    from agno_temporal.cli.console import can_ask

    edited = chosen_content(text, json, file, "--text, --json and --file")
    if text is None and json is None and file is None:
        if not can_ask():
            raise Failed("The new output is missing: --text, --json or --file.", ExitCode.USAGE)
        from agno_temporal.cli.answers import meant
        from agno_temporal.cli.editing import edited_output

        question = await meant(backend, answer.run_id, answer.requirement)
        answer = replace(answer, requirement=question["requirement_id"])
        edited = await edited_output(question["under_review"])
        if edited is None:
            tell("The output was left as it is: nothing is decided.")
            return None
    return replace(answer, edited=edited)


@decides("select")
async def select(
    backend: Backend,
    answer: Answer,
    route: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A route to take. Repeatable, where several may be taken: in their order."),
    ] = None,
    value: Values = None,
) -> Answer:
    """Choose the route of a router."""
    if not route:
        raise Failed("The route is missing: --route NAME.", ExitCode.USAGE)
    return replace(answer, pairs=tuple(value or ()), routes=tuple(route))


@decides("retry")
async def retry(backend: Backend, answer: Answer) -> Answer:
    """Try a step again that failed. What had finished is not repeated."""
    return answer


@decides("skip")
async def skip(backend: Backend, answer: Answer) -> Answer:
    """Leave a step out that failed, and go on behind it."""
    return answer


@decides("answer")
async def answer(
    backend: Backend,
    answer: Answer,
    tool: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CALL=ANSWER",
            help="yes, no or no: WHY for a confirmation, JSON for a form or a choice, else the result. Repeatable.",
        ),
    ] = None,
) -> Answer:
    """Answer the tools that an agent or a team waits for, all of them at once."""
    if not tool:
        raise Failed("The answers are missing: --tool CALL=ANSWER, for each call. `show` tells them.", ExitCode.USAGE)
    return replace(answer, tools=tuple(tool))
