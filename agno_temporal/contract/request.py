"""What starts a run: the one argument of every workflow type.

Only the workflow's name and an input are needed, in plain JSON, so that any Temporal client in any language can start a
run (``temporal workflow start --type data-pipeline --input '{"input": "..."}'``). Values that JSON cannot say (a model,
bytes, a date) are in the tagged form of `agno_bridge.values`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from agno_temporal.plan.data import Json, to_json

MAX_DEPTH = 700
"""Lists and objects in each other in a request. Our clients send fewer; some hundred more can be read, and not written
again, so that the run could neither begin nor fail."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A request to run a workflow. Every field is one of agno's `Workflow.run` (agno/workflow/workflow.py:10577).

    `stream` has agents and teams run as agno streams them, and keeps what they say as the run's events.
    `kwargs` are for a function in the place of the workflow's steps. `store_events` is whether the run's row keeps what
    was streamed, where that is set where runs are started, as AgentOS does; None is as the workflow has it.
    `kept_apart` is whether the run may go on in its user's own sessions alone: agno lets a user take over a session
    that is nobody's, with all runs that it has.
    """

    input: Json = None
    additional_data: Json = None
    session_id: str | None = None
    user_id: str | None = None
    session_state: Json = None
    images: Json = None
    videos: Json = None
    audio: Json = None
    files: Json = None
    dependencies: Json = None
    metadata: Json = None
    add_dependencies_to_context: bool | None = None
    add_session_state_to_context: bool | None = None
    kwargs: Json = None
    stream: bool = False
    stream_events: bool = False
    store_events: bool | None = None
    kept_apart: bool = False

    def digest(self) -> str:
        """The same for the same request: what tells a retried start from another run under the same id.

        How a run is watched, and what it is kept from, is no part of what it does: who asks for it again may watch it
        in another way.
        """
        plain = replace(self, stream=False, stream_events=False, store_events=None, kept_apart=False)
        return hashlib.sha256(json.dumps(to_json(plain), sort_keys=True).encode()).hexdigest()
