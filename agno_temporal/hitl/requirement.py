"""A requirement: one open question to a human, and everything that decides what an answer may be.

agno sends this object to the client and trusts what comes back, so a client can move its own deadline or turn its gate
off (agno/workflow/workflow.py:6653). Here it stays on the server's side: clients name it by its id and send a decision.

The id is unique for its occurrence. A step in a loop asks anew in every iteration, and a click that was meant for the
first must not decide the second.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from agno_temporal.hitl.tools import ToolQuestion
from agno_temporal.plan import InputField, Review


class Kind(enum.Enum):
    """What is asked."""

    CONFIRMATION = "confirmation"
    USER_INPUT = "user_input"
    OUTPUT_REVIEW = "output_review"
    ITERATION_REVIEW = "iteration_review"
    ROUTE_SELECTION = "route_selection"
    ERROR = "error"
    EXECUTOR = "executor"

    @property
    def is_review(self) -> bool:
        """Whether it is asked of what has run already."""
        return self in (Kind.OUTPUT_REVIEW, Kind.ITERATION_REVIEW)


@dataclass(frozen=True, slots=True)
class Policy:
    """What an answer, or its absence, does.

    `timeout` is in seconds; `max_retries` of 0 or None is no limit, as in agno.
    """

    on_reject: str = "skip"
    on_timeout: str = "cancel"
    max_retries: int | None = None
    timeout: float | None = None

    @classmethod
    def of(cls, review: Review) -> Policy:
        return cls(review.on_reject, review.on_timeout, review.max_retries, review.timeout)


@dataclass(frozen=True, slots=True)
class PausedExecutor:
    """The agent or team that waits: who it is, and which of its runs. `type` is "agent" or "team"."""

    type: str
    id: str | None = None
    name: str | None = None
    run_id: str | None = None
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One question.

    Attributes:
        id: Unique for this occurrence, in all runs.
        path: The step that asks, as in the plan.
        step_index: The top-level step that it belongs to.
        occurrence: The how-manieth question of this path in this run, from 1.
        message: What the human is asked.
        schema: The form to fill in, where one is asked for; empty for "any values". User input always has one.
        opened_at: When it opened, in seconds since the epoch by the server's clock.
        deadline: When `policy.on_timeout` applies, or None.
        retry_count: How many rejections came before; they count against `policy.max_retries`.
        timer_rejections: How many of them were the timer's.
        feedback: What the last rejection said, where this one asks again.
        error: What the step raised; of a review, why its predicate could not say whether to ask, so that it is asked.
        error_type: The class of what the step raised.
        form_message: What stands above the form of a confirmation; `message` is the confirmation's own.
        choices: The routes to choose from, by name, where some are shown.
        allow_multiple_selections: Whether more than one of them may be chosen.
        executor, tools: The agent or team that waits, and what its tools ask.
    """

    id: str
    path: str
    step_name: str
    step_index: int
    step_type: str
    kind: Kind
    occurrence: int
    opened_at: float
    deadline: float | None = None
    message: str | None = None
    schema: tuple[InputField, ...] | None = None
    policy: Policy = Policy()
    retry_count: int = 0
    timer_rejections: int = 0
    feedback: str | None = None
    error: str | None = None
    form_message: str | None = None
    error_type: str | None = None
    choices: tuple[str, ...] | None = None
    allow_multiple_selections: bool = False
    executor: PausedExecutor | None = None
    tools: tuple[ToolQuestion, ...] = ()

    @property
    def form(self) -> tuple[InputField, ...] | None:
        """What is to be filled in: None for nothing, and empty for any values."""
        return () if self.schema is None and self.kind is Kind.USER_INPUT else self.schema
