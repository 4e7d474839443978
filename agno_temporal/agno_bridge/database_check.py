"""Whether a database answers: the least that can be asked of it.

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
    from sqlalchemy import text

    if isinstance(db, AsyncBaseDb):
        async with db.db_engine.connect() as connection:  # type: ignore[attr-defined]
            await connection.execute(text("SELECT 1"))
        return

    def select() -> None:
        with db.db_engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    await in_thread(select)
