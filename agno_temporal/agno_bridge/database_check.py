"""Whether a database answers, and takes writes: the least that can be asked of it.

agno's own methods answer a database that is down with None or an empty list, as if nothing were there. So its engine is
asked. A database that has none, such as one of files or in memory, cannot be asked.
"""

from __future__ import annotations

from typing import Any

from agno.db.base import AsyncBaseDb

from agno_temporal.agno_bridge.callers import RunInThread


def can_be_asked(db: Any) -> bool:
    """Whether it is one of agno's databases of SQL."""
    return getattr(db, "db_engine", None) is not None


async def ask(db: Any, in_thread: RunInThread) -> None:
    """
    Raises:
        Exception: It does not answer.
    """
    await _said(db, "SELECT 1", in_thread)


async def takes_writes(db: Any, in_thread: RunInThread) -> bool:
    """False of a PostgreSQL that says that it is read-only, as a standby does. Others only tell who writes.

    Raises:
        Exception: It does not answer.
    """
    if db.db_engine.dialect.name != "postgresql":
        await ask(db, in_thread)
        return True
    return bool(await _said(db, "SHOW transaction_read_only", in_thread) != "on")


async def _said(db: Any, question: str, in_thread: RunInThread) -> Any:
    from sqlalchemy import text

    if isinstance(db, AsyncBaseDb):
        async with db.db_engine.connect() as connection:  # type: ignore[attr-defined]
            return (await connection.execute(text(question))).scalar_one()

    def select() -> Any:
        with db.db_engine.connect() as connection:
            return connection.execute(text(question)).scalar_one()

    return await in_thread(select)
