"""What every answer, every `on_reject` and every `on_timeout` does: the expected end of each cell, written out.

From agno's documentation and, where that is silent, from its behaviour at top level (docs/differences.md lists where
the two disagree). The place of the gate makes no difference, which is the point: so it stands in no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from agno_temporal.hitl import Action, ToolAnswer

Answer: TypeAlias = tuple[Action, dict[str, Any]]

CONFIRM: Answer = (Action.CONFIRM, {})
REJECT: Answer = (Action.REJECT, {"feedback": "no"})
EDIT: Answer = (Action.EDIT, {"edited_output": "edited"})
INPUT: Answer = (Action.INPUT, {"values": {"region": "us"}})
FILL_IN: Answer = (Action.CONFIRM, {"values": {"region": "us"}})
RETRY: Answer = (Action.RETRY, {})
SKIP: Answer = (Action.SKIP, {})
ALLOW: Answer = (Action.ANSWER, {"answers": {"ops-0-0": ToolAnswer(confirmed=True)}})
DENY: Answer = (Action.ANSWER, {"answers": {"ops-0-0": ToolAnswer(confirmed=False, note="no")}})
GIVE: Answer = (Action.ANSWER, {"answers": {"ops-0-0": ToolAnswer(values={"region": "us"})}})


def select(name: str) -> Answer:
    return (Action.SELECT, {"selected": (name,)})


@dataclass(frozen=True)
class End:
    """How a run ends.

    Attributes:
        ran: The steps between "before" and "after", in order.
        last: What "after" is given, in part; None where it did not run, and "" for "nothing of the subject".
    """

    ran: tuple[str, ...]
    last: str | None

    @property
    def status(self) -> str:
        return "CANCELLED" if self.last is None else "COMPLETED"


RAN = End(("subject",), "subject ran")
OTHER = End(("other",), "other ran")
LEFT_OUT = End((), "")
CANCELLED = End((), None)
DROPPED = End(("subject",), "")
EDITED = End(("subject",), "edited")
CANCELLED_AFTER = End(("subject",), None)
TWICE = End(("subject", "subject"), "subject ran")


@dataclass(frozen=True)
class Cell:
    """A policy, the answers to one pause after the other, and the end. No answers: the deadline comes."""

    policy: dict[str, Any]
    answers: tuple[Answer, ...]
    end: End

    @property
    def name(self) -> str:
        answers = "+".join(answer.value for answer, _ in self.answers) or "timeout"
        return " ".join([answers, *(f"{key}={value}" for key, value in self.policy.items() if key != "timeout")])


def on_reject(policy: str, end: End, *then: Answer) -> Cell:
    return Cell({"on_reject": policy}, (REJECT, *then), end)


def on_timeout(policy: str, end: End, **others: str) -> Cell:
    return Cell({"on_timeout": policy, "timeout": 0.05, **others}, (), end)


def before(go: Answer, other: End = LEFT_OUT) -> tuple[Cell, ...]:
    """What is asked before anything runs. `go` lets it run; `other` is what on_reject="else" leads to."""
    return (
        Cell({}, (go,), RAN),
        on_reject("skip", LEFT_OUT),
        on_reject("cancel", CANCELLED),
        on_reject("else", other),
        on_reject("retry", RAN, go),
        on_reject("retry", CANCELLED, REJECT, REJECT, REJECT),
        on_timeout("approve", RAN),
        on_timeout("skip", LEFT_OUT),
        on_timeout("cancel", CANCELLED),
        on_timeout("reject", LEFT_OUT, on_reject="skip"),
        on_timeout("reject", CANCELLED, on_reject="cancel"),
        on_timeout("reject", other, on_reject="else"),
        on_timeout("reject", CANCELLED, on_reject="retry"),
    )


def after(again: End, again_then: tuple[Answer, ...], exhausted: End) -> tuple[Cell, ...]:
    """What is asked of an output. `again` is the end of a retry that `again_then` answers; `exhausted` that of a timer
    which rejects until it may no more."""
    return (
        Cell({}, (CONFIRM,), RAN),
        Cell({}, (EDIT,), EDITED),
        on_reject("skip", DROPPED),
        on_reject("else", DROPPED),
        on_reject("cancel", CANCELLED_AFTER),
        on_reject("retry", again, *again_then),
        on_timeout("approve", RAN),
        on_timeout("skip", DROPPED),
        on_timeout("cancel", CANCELLED_AFTER),
        on_timeout("reject", DROPPED, on_reject="skip"),
        on_timeout("reject", CANCELLED_AFTER, on_reject="cancel"),
        on_timeout("reject", exhausted, on_reject="retry"),
    )


def failure() -> tuple[Cell, ...]:
    """What is asked of a failure: "subject" ran, and raised."""
    return (
        Cell({}, (RETRY,), TWICE),
        Cell({}, (SKIP,), DROPPED),
        on_timeout("approve", TWICE),
        on_timeout("skip", DROPPED),
        on_timeout("cancel", CANCELLED_AFTER),
        on_timeout("reject", DROPPED, on_reject="skip"),
        on_timeout("reject", DROPPED, on_reject="else"),
        on_timeout("reject", CANCELLED_AFTER, on_reject="cancel"),
        on_timeout("reject", TWICE, on_reject="retry"),
    )


def tool() -> tuple[Cell, ...]:
    """What a tool asks that wants a yes: a "no" is told to its model, and no policy of the step's applies to it."""
    return (
        *(Cell({}, (answer,), RAN) for answer in (ALLOW, CONFIRM)),
        Cell({}, (DENY,), LEFT_OUT),
        *(on_reject(policy, LEFT_OUT) for policy in ("skip", "cancel", "else", "retry")),
        *(on_timeout("reject", LEFT_OUT, on_reject=policy) for policy in ("skip", "cancel", "else", "retry")),
        on_timeout("approve", RAN),
        on_timeout("skip", LEFT_OUT),
        on_timeout("cancel", CANCELLED),
    )


def tools_form() -> tuple[Cell, ...]:
    """What a tool asks that nobody can answer for a human."""
    return (
        Cell({}, (GIVE,), RAN),
        on_timeout("approve", CANCELLED),
        on_timeout("skip", LEFT_OUT),
        on_timeout("cancel", CANCELLED),
        *(on_timeout("reject", LEFT_OUT, on_reject=policy) for policy in ("skip", "else")),
        *(on_timeout("reject", CANCELLED, on_reject=policy) for policy in ("cancel", "retry")),
    )


FOUR_TIMES = End(("subject",) * 4, None)
THRICE = End(("subject",) * 3, "subject ran")
OTHER_AFTER = End(("subject", "other"), "other ran")

CELLS: dict[str, tuple[Cell, ...]] = {
    "confirmation of Step": before(CONFIRM),
    "confirmation of Steps": before(CONFIRM),
    "confirmation of Loop": before(CONFIRM),
    "confirmation of Condition": before(CONFIRM, OTHER),
    "confirmation of Router": before(CONFIRM),
    "input of Step": before(INPUT),
    "confirmation and input of Step": before(FILL_IN),
    "review of Step": after(TWICE, (CONFIRM,), FOUR_TIMES),
    "review of Router": after(OTHER_AFTER, (select("other"), CONFIRM), CANCELLED_AFTER),
    "iteration review of Loop": after(TWICE, (CONFIRM,), THRICE),
    "route of Router": (*before(select("subject")), Cell({}, (select("other"),), OTHER)),
    "error of Step": failure(),
    "error of Condition": failure(),
    "tool of Agent": tool(),
    "tool of a Team's member": tool(),
    "form of an Agent's tool": tools_form(),
}
