"""Names that are written into histories and sent by callers: persisted data.

A run that has waited for ninety days is replayed with the names it was started with, and scripts signal it by them. So
each stands here, once; a test pins each; none is ever renamed. Changing what an activity is (its name, its id, local or
regular) breaks the replay of every open run; changing its arguments, timeouts or retries does not.
"""

from __future__ import annotations

import functools
import uuid
from typing import Final

OPEN_RUN: Final = "agno.open_run"
RUN_STEP: Final = "agno.run_step"
EVALUATE: Final = "agno.evaluate"
PROJECT: Final = "agno.project"
EVENT_TIME: Final = "agno.event_time"
RECORD: Final = "agno.record"
CONTINUE_EXECUTOR: Final = "agno.continue_executor"
NOTIFY: Final = "agno.notify"
KEEP: Final = "agno.keep"
CARRY: Final = "agno.carry"

DELIVERY: Final = "agno.delivery"
"""The workflow type that delivers a notice, on a queue of its own (`deliveries_queue`)."""

DELIVER: Final = "agno.deliver"
"""Its activity."""

DECIDE: Final = "decide"
"""The update that carries a decision and answers with what was recorded."""

SIGNALS: Final = {
    "confirm": "confirm",
    "reject": "reject",
    "provide_input": "input",
    "edit": "edit",
    "select": "select",
    "retry": "retry",
    "skip": "skip",
    "answer": "answer",
}
"""Signals that carry a decision without an answer, and the action of each."""

UNREADABLE_REFUSED: Final = "refuse-unreadable-signals"
"""The patch since which a signal whose values nobody can read is refused. Only such a signal writes its marker."""

FORMS_JUDGED_ANEW: Final = "judge-forms-by-the-rules-of-now"
"""The patch since which forms are judged as `Rules.NOW` says, where no validator has judged them. Only a decision on
which the first rules say something else writes its marker."""

SUSPECTS_OF_CANCELLED: Final = "look-up-suspects-of-cancelled"
"""The patch since which it is looked up, of a question that a cancel closes behind its deadline, who decided in time.
Only where there is somebody is its marker written."""

PUT_BACK_WRITTEN: Final = "write-rows-of-a-run-put-back"
"""The patch since which a run that is put back writes its rows at once. Only such a run writes its marker."""

EVENTS_PACKED: Final = "pack-events-of-a-history"
"""The patch since which a run packs its events where it leaves its history. Only such a run writes its marker."""

DECISIONS_APART: Final = "send-nothing-beside-large-decisions"
"""The patch since which a workflow task that took large decisions sends nothing else that is large. Only such a run
writes its marker."""

EDITS_BOUNDED: Final = "bound-the-edits-of-a-run"
"""The patch since which a signal is refused whose edit does not fit into the run's result, and an update that comes
before anybody knows how much room there is. Only such a one writes its marker."""

TOLD_WHEN_RECORDED: Final = "tell-of-quick-steps-when-they-are-recorded"
"""The patch since which the end of a run is told once what its last quick steps did is in the history. Only a run that
ends behind quick steps, and tells somebody of it, writes its marker."""

PUT_BACK_TOLD: Final = "tell-again-what-a-run-put-back-asks"
"""The patch since which a run that is put back tells once more of what it asks there. Only where it asks something, and
tells somebody, is its marker written."""

CANCELLED_IN_A_CALL: Final = "heed-a-cancel-in-a-local-activity"
"""The patch since which a cancel that comes while a local activity is under way is heeded as anywhere. Only such a run
writes its marker."""

OPENED_TO_BE_CANCELLED: Final = "open-a-run-to-be-cancelled"
"""The patch since which a run that is cancelled before it was opened is opened to be written as cancelled. Only such a
run writes its marker."""

STEP_ERROR_OF_ITS_OUTPUT: Final = "tell-step-errors-of-their-own-outputs"
"""The patch since which `StepError` is told of a step's own output alone, as in agno. Only a run in which a container
fails behind the output of another writes its marker."""

INLINE_GOES_ALONG: Final = "bring-no-output-that-goes-along-inline"
"""The patch since which outputs that a run takes along inline are not brought from its last Temporal run as well. Only
a run that goes on in a new one writes its marker."""

RUN_OUTPUT: Final = "run_output"
REQUIREMENTS: Final = "requirements"
EVENTS: Final = "events"
"""The query for the run's events, from a number on (`contract.events`)."""

BEING_BROUGHT: Final = "what the run was is being brought from its last Temporal run; ask again"
"""What every query answers with for that long."""

ASKED_AHEAD: Final = "what the run comes to next waits for its workflow task; ask again"
"""What a query is answered with that meets events before their workflow task (`workflows.ahead`)."""

MEMO_REQUEST: Final = "agno_request"
"""Memo, set at the start: the digest of the request, by which a second start is told from a retried one."""
MEMO_USER: Final = "agno_user"
"""Memo, set at the start: whose run it is, where it is somebody's, to be known without reading its history."""
MEMO_STARTED: Final = "agno_started"
"""Memo, set where a run goes on in a new Temporal run: when the run started, in seconds since the epoch."""
TASK_QUEUE: Final = "agno-temporal"
"""The default queue. One of our own, because the definition behind it takes any workflow type."""


@functools.lru_cache(maxsize=1024)
def session_id_of(run_id: str) -> str:
    """The session of a run that was given none: the same at every attempt to open it, since one that was given up may
    have written its row. Each step of a run asks for it."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"session of {run_id}"))


def step_activity_id(path: str, occurrence: int) -> str:
    """The id of the activity that runs a step for the n-th time (from 1)."""
    return f"{path}#{occurrence}"


def continue_activity_id(activity_id: str, turn: int) -> str:
    """The id of the activity that continues a step's activity after its k-th pause (from 1)."""
    return f"{activity_id}.{turn}"


def evaluate_activity_id(path: str, what: str, occurrence: int) -> str:
    """The id of the activity that evaluates one of a node's callables."""
    return f"{path}:{what}#{occurrence}"


def notify_activity_id(occurrence: int) -> str:
    """The id of the activity that hands notices over, where that could not be done at once."""
    return f"notify#{occurrence}"


def keep_activity_id(occurrence: int) -> str:
    """The id of the activity whose argument keeps a piece of what a run hands to its next Temporal run."""
    return f"keep#{occurrence}"


def carry_activity_id(occurrence: int) -> str:
    """The id of the activity that brings, into a Temporal run, what the one before it has written."""
    return f"carry#{occurrence}"


def deliver_activity_id(endpoint: str) -> str:
    """The id of the activity that delivers a notice to an endpoint."""
    return f"deliver:{endpoint}"


def deliveries_queue(task_queue: str) -> str:
    """The queue of the deliveries that runs on a task queue give rise to. A receiver that hangs keeps only its workers
    busy, and lists of runs by their queue do not show deliveries."""
    return f"{task_queue}.webhooks"
