"""Options of agno's `run`, `arun`, `continue_run` and `acontinue_run` that a durable run cannot honour.

agno takes any keyword and drops what it does not know. Here every option works or is refused with its reason
(`tests/test_surface.py` holds the list, and agno's signatures are its oracle). An option that asks for nothing, None or
False, is no request.
"""

from __future__ import annotations

from typing import Any

_UNSUPPORTED = {
    "websocket": "A WebSocket lives in this process, and the run does not. Send the events that stream=True gives.",
    "enable_websocket": "A WebSocket lives in this process, and the run does not. Send the events that stream=True "
    "gives.",
    "background_tasks": "Background tasks belong to this process, and the run does not. Make the task a step.",
}


def refuse_unsupported(options: dict[str, Any]) -> None:
    """Take these options out of `options`.

    Raises:
        NotImplementedError: One of them was asked for.
    """
    for name, reason in _UNSUPPORTED.items():
        if options.pop(name, None):
            raise NotImplementedError(f"{name}: {reason}")
