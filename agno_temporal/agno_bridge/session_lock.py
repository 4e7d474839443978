"""A session's row, locked until the end of the transaction.

agno reads a session, changes it and writes it whole, and so does what is written here of a run. Between the two another
may have written it: then the tokens of one of two runs that end together would be in no sum, and a name that was given
meanwhile would be gone. So the row is locked before it is written, and what was read of it looked at once more.

It is read before that nevertheless, with all of its runs, since SQLite's lock is that of the whole database. Only where
the row is not what was read, which is rare, it is read again under the lock.

Every transaction that has more rows than one takes this lock first, so that no two wait for each other.
"""

from __future__ import annotations

from typing import Any

from agno.session.workflow import WorkflowSession


def locked(rows: Any, table: Any, session_id: str) -> Any:
    """The row; None where there is none, and thus no lock. SQLAlchemy's session is a synchronous one.

    It is locked by a write that changes nothing: SQLite has no other lock.
    """
    same = table.update().where(table.c.session_id == session_id).values(updated_at=table.c.updated_at)
    return rows.execute(same.returning(table.c.session_data, table.c.metadata)).first()


def is_as_read(session: WorkflowSession, row: Any) -> bool:
    """Whether the row has what the session had when it was read, or there was none either. That its runs are the same
    need not be looked at: what is written of a session says what they have used together."""
    if row is None:
        return session.updated_at is None
    return (session.session_data, session.metadata) == (row.session_data, row.metadata)
