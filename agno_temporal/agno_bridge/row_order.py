"""Which of two writes of one run is the later one.

Temporal gives an attempt up whose database call hangs, or whose worker stands still, and the next one writes the rows.
The first may land hours later. Then a row would say for ever that a run is open which has ended, or a session would
have a state again that later runs have changed. A status does not tell: a run that was reset is open again by right.

So each write says where it stands among those of its run (`contract.manifest.Manifest.as_of`), and the row keeps that,
beside the fields of agno's run; agno's own readers leave it aside (agno/run/workflow.py:1110).

The look comes after the session's row was written. That row is the lock that all writes of a run share, even where the
run has no row yet, and nothing can come between it and the end of the transaction: what is found to be behind is undone
with it.

A row is found by the run's id alone, and agno writes over whatever has that id: an agent's run, or the run of another
user that Temporal keeps no longer. So whose row it is is looked at first. And where it is of a run that ended, which
Temporal keeps no longer, a start that is sent again would do all of its work once more, and lose what it had told.
A start whose work is done again by Temporal is no other one: a workflow task that wrote a run's end may be lost behind
that, and so may all that followed the start where Temporal was restored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from agno.run.workflow import WorkflowRunOutput

from agno_temporal.contract.manifest import ENDED

AS_OF: Final = "agno_temporal_as_of"
"""The key in the row's data. It is persisted: another name would forget the order of what is there."""


class Behind(Exception):
    """The database has this write already, or a later one."""


class Over(Enum):
    """What a write may take the place of."""

    EARLIER = auto()
    """What its run wrote before it. What is there already need not be written again."""

    SAME = auto()
    """Also of what is there already: other rows of it may be lost."""

    LATER = auto()
    """Of anything: Temporal was restored, and the row tells of what never was."""


class RunIdTaken(ValueError):
    """The run's id is that of another run in the database."""


@dataclass(frozen=True)
class Written:
    """What the database has of a run. `as_of` is None where an older version of this library wrote it, or agno, or
    where runs are kept in their session's row (`in_session`); `run_index` where an older version of agno did."""

    status: Any
    created_at: int | None
    as_of: Sequence[int] | None = None
    run_type: str = "workflow"
    session_id: str | None = None
    user_id: str | None = None
    workflow_id: str | None = None
    run_index: int | None = None
    in_session: bool = False


def written(session: Any, table: Any, run_id: str) -> Written | None:
    """What the row says now. SQLAlchemy's session is a synchronous one."""
    from sqlalchemy import select

    whose = (table.c.run_type, table.c.session_id, table.c.user_id, table.c.workflow_id)
    columns = (table.c.status, table.c.created_at, table.c.run_data[AS_OF], *whose, table.c.run_index)
    row = session.execute(select(*columns).where(table.c.run_id == run_id)).first()
    return None if row is None else Written(*row)


def check_owner(
    known: Written | None,
    run: WorkflowRunOutput,
    session_user: str | None,
    *,
    start: int | None = None,
) -> None:
    """
    Args:
        session_user: Whose session it is. agno writes that into the row of each of its runs, also of one for nobody.
        start: The run begins with this write: when Temporal took its start, in milliseconds.

    Raises:
        RunIdTaken: The row is another run's. What a row does not say (agno leaves out who a run is for) is no matter.
    """
    if known is None:
        return
    same = (
        known.run_type == "workflow"
        and known.session_id == run.session_id
        and known.user_id in (None, run.user_id, session_user)
        and known.workflow_id in (None, run.workflow_id)
    )
    if not same:
        raise RunIdTaken(f"The database has another run under the id {run.run_id!r}. Start this one under a new id.")
    if start is not None and known.status in ENDED and not _is_behind(known, start):
        raise RunIdTaken(
            f"The database has a run {run.run_id!r} that has ended, as {known.status}. Start this one under a new id."
        )


def _is_behind(known: Written, start: int) -> bool:
    """Whether what the database has came of this very start. Temporal has one run of an id at a time, so that an
    earlier one began before. Where runs have no rows of their own, it is known to the second when that was."""
    if known.in_session:
        return known.created_at is not None and 1000 * (known.created_at + 1) > start
    return known.as_of is not None and known.as_of[0] >= start


def check_order(
    known: Written | None,
    run: WorkflowRunOutput,
    as_of: Sequence[int] | None,
    is_back: bool,
    over: Over = Over.EARLIER,
) -> None:
    """
    Args:
        as_of: None where nobody counted. Then a run that has ended is not written back to an earlier state.
        is_back: The run was reset: that it had ended does not count.

    Raises:
        Behind: The write is to be left out.
    """
    if known is None or over is Over.LATER:
        return
    if known.as_of is not None and as_of is not None:
        there, this = [*known.as_of], [*as_of]
        if this < there or (this == there and over is Over.EARLIER):
            raise Behind
    has_ended = known.created_at == run.created_at and known.status in ENDED
    if has_ended and run.status not in ENDED and not is_back:
        raise Behind
