"""agno's AsyncPostgresDb says nothing when it fails, where its twins raise.

Its `get_session` answers None, as for a session that is not there (agno/db/postgres/async_postgres.py:1608), and
`upsert_session` answers None, as for one that belongs to another user (1925). Believed, a database that is away for a
second would empty the session that is written next, or end a run that only had to wait. So where an asynchronous
database answers None, it is asked again in a way that raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agno.db.base import AsyncBaseDb

from agno_temporal.agno_bridge.database_errors import DatabaseFailed


class SessionNotRead(DatabaseFailed):
    """The session is there, and agno did not read it."""


class SessionNotWritten(DatabaseFailed):
    """Nobody else's session, and agno did not write it."""


@dataclass(frozen=True)
class Owner:
    """Whose a session is that the database has. None is nobody's in particular."""

    user_id: str | None


async def check_absent(db: Any, session_id: str, user_id: str | None) -> None:
    """Check that a session that was not found is not there, for this user.

    Raises:
        SessionNotRead: It is.
        Exception: Whatever the database raises.
    """
    owner = await _owner(db, session_id) if _may_be_silent(db) else None
    if owner is not None and user_id in (None, owner.user_id):
        raise SessionNotRead(f"Session {session_id!r} could not be read. The log of agno says why.")


async def check_of_another(db: Any, session_id: str, user_id: str | None) -> None:
    """Check that a session that was not written is another user's.

    Raises:
        SessionNotWritten: It is not.
        Exception: Whatever the database raises.
    """
    if not _may_be_silent(db):
        return
    owner = await _owner(db, session_id)
    if owner is None or owner.user_id in (None, user_id):
        db.metadata.clear()  # What failed may be a table that agno began to make (`half_made`).
        raise SessionNotWritten(f"Session {session_id!r} could not be written. The log of agno says why.")


def _may_be_silent(db: Any) -> bool:
    return isinstance(db, AsyncBaseDb) and hasattr(db, "async_session_factory")


async def _owner(db: Any, session_id: str) -> Owner | None:
    from sqlalchemy import literal, select

    async with db.async_session_factory() as session:
        await session.execute(select(literal(1)))  # Looking for a table answers "no" where the database is down.
    table = await db._get_table(table_type="sessions")
    if table is None:
        return None
    async with db.async_session_factory() as session:
        found = (await session.execute(select(table.c.user_id).where(table.c.session_id == session_id))).first()
    return None if found is None else Owner(found[0])
