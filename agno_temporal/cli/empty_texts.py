"""Texts that are given and empty: a script's variable that was never set.

``--run-id "$RUN"`` would start a run under an id of its own, ``--api "$API"`` would go to Temporal instead, and
``rebuild "$RUN" app.py`` would write every run anew. Nobody means that by an empty text, so it is refused before a
command begins; only what a run is told, or keeps as words of a person, may be empty.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

CONTENTS = frozenset({"input", "text", "feedback", "reason"})
"""Parameters whose text may be empty."""


class Command(TyperCommand):
    """A command that takes no empty text where it has to name something."""

    def invoke(self, ctx: Any) -> Any:
        for one in ctx.command.params:
            given = ctx.params.get(one.name)
            is_empty = "" in given if isinstance(given, list | tuple) else given == ""
            if is_empty and one.name not in CONTENTS:
                raise typer.BadParameter("It is empty. Is a variable not set?", ctx=ctx, param=one)
        return super().invoke(ctx)
