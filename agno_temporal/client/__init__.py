"""`RunClient`: starting, deciding and reading runs, for every caller: the drop-in object, the command line, the API.

A run is one Temporal workflow, its id the run's. Each part of the client stands in a file of its own, with what can go
wrong there; what a caller may hear instead of an answer is in `follow.errors`.
"""

from __future__ import annotations

from agno_temporal.client.closed import refuse_any
from agno_temporal.client.deciding import Deciding
from agno_temporal.client.following import Following
from agno_temporal.client.listing import Listing, RunSummary
from agno_temporal.client.starting import Starting
from agno_temporal.follow.blocked import Blocked
from agno_temporal.follow.errors import (
    DecisionRefused,
    NoWorker,
    OutcomeUnknown,
    RequestTooLarge,
    RunError,
    RunIdReused,
    RunNotFound,
    RunPutBack,
)

__all__ = [
    "Blocked",
    "DecisionRefused",
    "NoWorker",
    "OutcomeUnknown",
    "RequestTooLarge",
    "RunClient",
    "RunError",
    "RunIdReused",
    "RunNotFound",
    "RunPutBack",
    "RunSummary",
    "refuse_any",
]


class RunClient(Starting, Deciding, Following, Listing):
    """A client for runs of agno workflows.

    Args:
        client: Connected, with the data converter of the workers.
        task_queue: The queue of the workers that have the workflows; ``agno-temporal`` if left out, also where a
            variable names another for workers (`DurableWorkflow.task_queue` has it).
        answer_timeout: How long a worker may take to answer a decision or a question. None is 10 s.
    """
