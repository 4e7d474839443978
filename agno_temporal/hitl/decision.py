"""A decision: the answer to one requirement, and what may be in it.

Only what a human decides: no deadline, no policy, no retry limit, no time. "When" is the server's clock, because a time
that a caller stamps can be forged. Unknown fields are refused rather than dropped: a client that believes it has moved
a deadline must hear that it has not.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields

from agno_temporal.hitl.tools import ToolAnswer
from agno_temporal.plan.data import DataError, Json, from_json, to_json, within_depth

MAX_DECISION_BYTES = 65_536
"""An answer is carried in the run's memory and in every later step's input, so it is bounded."""

MAX_DEPTH = 32
"""Lists and objects in each other. Data that is nested without end cannot be recorded."""


class Action(enum.Enum):
    """What was decided. `CANCEL` is only a timer's answer (`on_timeout`), and `SKIP` is so but for an error."""

    CONFIRM = "confirm"
    REJECT = "reject"
    INPUT = "input"
    EDIT = "edit"
    SELECT = "select"
    RETRY = "retry"
    SKIP = "skip"
    ANSWER = "answer"
    CANCEL = "cancel"


class Actor(enum.StrEnum):
    """Deciders that are no person. No caller may name one."""

    TIMER = "system:timer"
    CANCEL = "system:cancel"


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer.

    Attributes:
        feedback: Why it was rejected; shown to the step when it runs again.
        values: What was filled in, by field name.
        edited_output: What replaces the output, encoded as a value of a history.
        selected: The routes that were chosen, by name, in the order in which they run.
        answers: The answers to an agent's or a team's tool calls, by the id of the call.
        decided_by: Who, as the server verified it.
        decision_id: The caller's idempotency key: the same decision sent twice is one.
    """

    requirement_id: str
    action: Action
    feedback: str | None = None
    values: dict[str, Json] | None = None
    edited_output: Json = None
    decided_by: str | None = None
    decision_id: str | None = None
    selected: tuple[str, ...] | None = None
    answers: dict[str, ToolAnswer] | None = None

    def same_answer(self, other: Decision) -> bool:
        return _fingerprint(self) == _fingerprint(other)


def _fingerprint(decision: Decision) -> str:
    return json.dumps(to_json(decision), sort_keys=True)


class RefusalCode(enum.StrEnum):
    """Why a decision changes nothing. These are the `type` of API errors too: persisted names, never renamed."""

    MALFORMED = "malformed-decision"
    NOT_FOUND = "requirement-not-found"
    STALE = "stale-requirement"
    ALREADY_DECIDED = "already-decided"
    EXPIRED = "expired"
    ACTION_NOT_ALLOWED = "action-not-allowed"
    INVALID_INPUT = "invalid-input"
    INVALID_SELECTION = "invalid-selection"
    KEY_REUSED = "idempotency-key-reused"
    RUN_CLOSED = "run-closed"


@dataclass(frozen=True, slots=True)
class Resolution:
    """A decision as it was recorded. `at` is when the workflow took it, in seconds since the epoch."""

    decision: Decision
    at: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision changes nothing, and what the caller can do.

    Attributes:
        winner: The decision that won, where one did.
        open_requirement: The id that is open in place of a stale one.
        allowed: The actions that the requirement takes, where another was sent.
        errors: One entry for each field that is wrong; `fields` are their names, in the same order.
        choices: The routes that there are, where others were selected.
        deadline: When it expired, in seconds since the epoch.
        run_status: How the run ended, as agno's status, where it has.
    """

    code: RefusalCode
    message: str
    winner: Resolution | None = None
    open_requirement: str | None = None
    allowed: tuple[str, ...] | None = None
    errors: tuple[str, ...] | None = None
    fields: tuple[str, ...] | None = None
    choices: tuple[str, ...] | None = None
    deadline: float | None = None
    run_status: str | None = None


_FIELDS = frozenset(field.name for field in fields(Decision))
_ANSWER_FIELDS = frozenset(field.name for field in fields(ToolAnswer))


def decision_from_json(data: Json) -> Decision | Refusal:
    """The decision that a client sent, or why it is none. Never raises."""
    if (problem := _unfit(data)) is not None:
        return Refusal(RefusalCode.MALFORMED, problem)
    try:
        decision = from_json(Decision, data)
    except DataError as error:
        return Refusal(RefusalCode.MALFORMED, f"This is not a decision: {error}.")
    if decision.decided_by is not None and decision.decided_by.startswith(_SYSTEM):
        return Refusal(RefusalCode.MALFORMED, f"decided_by must not begin with {_SYSTEM!r}: name who decided.")
    return decision


_SYSTEM = "system:"


def _unfit(data: Json) -> str | None:
    """Why data is not even looked at: it is no object, too large, too deep, or names what is not a client's to say."""
    if not isinstance(data, Mapping):
        return f"A decision is an object, not {type(data).__name__}."
    if not within_depth(data, MAX_DEPTH):
        return f"The decision is nested deeper than {MAX_DEPTH}."
    try:
        size = len(json.dumps(data, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError) as error:
        return f"This is not a decision: {error}."
    if size > MAX_DECISION_BYTES:
        return f"The decision has {size} bytes; at most {MAX_DECISION_BYTES} are taken. Send a reference instead."
    if unknown := sorted(str(name)[:40] for name in data if name not in _FIELDS):
        return f"A decision has no field {', '.join(map(repr, unknown))}; it has {', '.join(sorted(_FIELDS))}."
    return _unfit_answers(data.get("answers"))


def _unfit_answers(answers: Json) -> str | None:
    """A field that no answer to a tool has."""
    if not isinstance(answers, Mapping):
        return None
    named = {str(name)[:40] for one in answers.values() if isinstance(one, Mapping) for name in one}
    if unknown := sorted(named - _ANSWER_FIELDS):
        return (
            f"An answer to a tool has no field {', '.join(map(repr, unknown))}; "
            f"it has {', '.join(sorted(_ANSWER_FIELDS))}."
        )
    return None
