"""`events`: what a run has told, one line for each event."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Final

from rich.text import Text

from agno_temporal.cli.backend import Backend, Document
from agno_temporal.cli.console import draw, text
from agno_temporal.cli.stdout import ours
from agno_temporal.views.text import one_line

_TOLD: Final = (
    "step_name",
    "condition_name",
    "loop_name",
    "router_name",
    "parallel_step_name",
    "tool",
    "content",
    "error",
)
"""What says most of an event, where it has it."""


async def print_events(backend: Backend, run_id: str, after: int, follow: bool, as_json: bool) -> None:
    """Those behind a number, and with `follow` those that come."""
    async with aclosing(backend.events(run_id, after, follow)) as events:
        async for event in events:
            if as_json:
                print(json.dumps(event), file=ours(), flush=True)
            else:
                draw(_line(event))


def _line(event: Document) -> Text:
    said = [one_line(event[key], 60) for key in _TOLD if event.get(key)]
    head = text(f"{event.get('event_index', ''):>5}  {event.get('event', '')}  ")
    return head.append_text(text("  ".join(said), "dim"))
