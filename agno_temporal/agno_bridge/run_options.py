"""Options of agno's `run`, `arun`, `continue_run` and `acontinue_run` that a durable run cannot honour.

agno takes any keyword and drops what it does not know. Here every option works or is refused with its reason
(`tests/test_surface.py` holds the list, and agno's signatures are its oracle). An option that asks for nothing, None or
False, is no request.
"""

from __future__ import annotations

from typing import Any

_UNSUPPORTED = {
    "stream": "Streaming is not supported yet by this version. Read the run when it returns.",
    "stream_events": "Streaming is not supported yet by this version.",
    "websocket": "A WebSocket lives in this process, and the run does not. Start the run with background=True, and "
    "send what get_run_output(run_id) returns.",
    "enable_websocket": "A WebSocket lives in this process, and the run does not. Start the run with background=True.",
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
