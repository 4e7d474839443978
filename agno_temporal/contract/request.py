"""What starts a run: the one argument of every workflow type.

Only the workflow's name and an input are needed, in plain JSON, so that any Temporal client in any language can start a
run (``temporal workflow start --type data-pipeline --input '{"input": "..."}'``). Values that JSON cannot say (a model,
bytes, a date) are in the tagged form of `agno_bridge.values`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from agno_temporal.plan.data import Json, to_json


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A request to run a workflow. Every field is one of agno's `Workflow.run` (agno/workflow/workflow.py:10577).

    `kwargs` are for a function in the place of the workflow's steps.
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

    def digest(self) -> str:
        """The same for the same request: what tells a retried start from another run under the same id."""
        return hashlib.sha256(json.dumps(to_json(self), sort_keys=True).encode()).hexdigest()
