"""Notices: what a run tells the outside, and to whom, as it is written to a history.

Whom a run tells is recorded when it opens, as names: a run that was opened before there were webhooks stays silent,
and one that was opened with them goes on telling, whatever is deployed meanwhile. Addresses and secrets are never
recorded. They belong to the worker that sends, so that both may change while a delivery is being tried.
"""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass

from agno_temporal.plan.data import Json


class NoticeType(enum.StrEnum):
    """What is told. These are the `type` of the body that a receiver gets: persisted names, never renamed."""

    OPENED = "requirement.opened"
    REMINDER = "requirement.reminder"
    DECIDED = "requirement.decided"
    EXPIRED = "requirement.expired"
    FINISHED = "run.finished"


class Delivered(enum.StrEnum):
    """How a delivery to one endpoint ended."""

    DELIVERED = "delivered"
    GONE = "gone"
    """The receiver answered 410: it wants nothing more."""
    REMOVED = "removed"
    """No worker has this endpoint any more."""
    OBSOLETE = "obsolete"
    """A reminder of what nobody is to answer any more: the run has ended or was put back, or it is too late."""
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before a deadline to remind: so many seconds, or this share of the time that there was."""

    seconds: float | None = None
    share: float | None = None

    def of(self, time: float) -> float:
        """The seconds, of a question that may stay open for `time`."""
        return self.seconds if self.seconds is not None else (self.share or 0.0) * time


@dataclass(frozen=True, slots=True)
class Listener:
    """An endpoint, by its name in the configuration of the workers, and what it is told.

    The types are text, so that a version that does not know one of them can read the others.
    """

    name: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a run tells what.

    Attributes:
        by_run: Whether a fact is of the Temporal run that tells it (`notice_id`), as it has not always been. So a run
            that is put back tells anew what becomes true from there on.
    """

    listeners: tuple[Listener, ...] = ()
    reminders: tuple[Lead, ...] = ()
    by_run: bool = False

    def of(self, type: NoticeType) -> tuple[str, ...]:
        return tuple(one.name for one in self.listeners if type in one.events)

    def told_in(self, temporal_run_id: str) -> str | None:
        """Of which Temporal run a fact is that this one tells; None where it is the run's alone."""
        return temporal_run_id if self.by_run else None


@dataclass(frozen=True, slots=True)
class Notice:
    """One fact, for one or several endpoints.

    Attributes:
        id: The same whenever it is sent, and no other's: the `webhook-id`, and the workflow id of its delivery.
        at: When it became true, in seconds since the epoch.
        data: Of what: see `contract.notice_data`.
        to: The endpoints, by name.
        delay: Seconds until it is to be sent; it may be withdrawn until it has arrived.
        while_open: The run that must be open for it to be worth sending.
        told_in: The Temporal run that must have led to where that run is now. One that is put back leaves those of its
            reminders behind, and sends out its own.
    """

    id: str
    type: str
    at: float
    data: Json
    to: tuple[str, ...]
    delay: float = 0.0
    while_open: str | None = None
    told_in: str | None = None


@dataclass(frozen=True, slots=True)
class NotifyTask:
    """Hand notices over to their deliveries, and withdraw those that are true no longer, by their ids."""

    notices: tuple[Notice, ...] = ()
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliverTask:
    """Send a notice to one of its endpoints."""

    notice: Notice
    to: str


def notice_id(run_id: str, subject: str, type: NoticeType, told_in: str | None = None) -> str:
    """The id of a fact. Without dots, since a signature is of ``id.timestamp.body``.

    Args:
        told_in: The Temporal run. A run that is put back goes on in another one, where the same may become true again.
            None is of a run that was opened when that was no part of it.
    """
    place = f"{run_id}/{subject}/{type.value}" if told_in is None else f"{run_id}/{subject}/{type.value}/{told_in}"
    return f"msg_{uuid.uuid5(uuid.NAMESPACE_OID, place).hex}"
