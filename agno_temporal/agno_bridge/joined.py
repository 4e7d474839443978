"""agno's database with all of its sessions in one transaction.

Each of agno's methods takes a connection from the pool, where PostgreSQL is first asked whether it is alive, and
commits for itself. A reader could find a run that asks something, and not what it asks; and three transactions cost
three times. SQLAlchemy lets sessions take part in a transaction that another has begun ("Joining a Session into an
External Transaction" of its documentation): so agno's methods are called here on a copy whose sessions all have one
connection.

AsyncPostgresDb keeps to its log that one of them failed (`silent_failures`), and what comes next only fails because the
transaction has. So the first failure of any is what is raised.

agno makes a missing table on a connection of its own, which would wait for this one: so tables come first. And a
database in memory has one connection for all that happens in it, or in a thread: whoever else uses it would end the
transaction.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

_TABLES: Final = ("sessions", "runs")

_DIALECTS: Final = ("sqlite", "postgresql")


@contextmanager
def joined(db: Any) -> Iterator[Any]:
    """A synchronous database in one transaction, which is undone where the block fails. Others than PostgreSQL, and
    SQLite in a file, are handed out as they are, and commit each write."""
    if not can_join(db):
        yield db
        return
    from sqlalchemy.orm import sessionmaker

    for name in _TABLES:
        db._get_table(table_type=name, create_table_if_not_found=True)
    with db.db_engine.begin() as connection:
        one = copy.copy(db)
        one.Session = sessionmaker(connection, expire_on_commit=False)
        yield one


@asynccontextmanager
async def joined_async(db: Any) -> AsyncIterator[Any]:
    """The same of an asynchronous one.

    Raises:
        Exception: The first that left one of its sessions, whatever agno made of it.
    """
    if not can_join(db):
        yield db
        return
    from sqlalchemy.ext.asyncio import async_sessionmaker

    for name in _TABLES:
        await db._get_table(table_type=name, create_table_if_not_found=True)
    async with db.db_engine.begin() as connection:
        failures: list[Exception] = []
        one = copy.copy(db)
        one.async_session_factory = _heard(async_sessionmaker(connection, expire_on_commit=False), failures)
        try:
            yield one
        except Exception:
            if not failures:
                raise
        if failures:
            raise failures[0]


def _heard(begin: Callable[[], Any], failures: list[Exception]) -> Callable[[], Any]:
    """Begins a session whose failure is kept."""

    @asynccontextmanager
    async def session() -> AsyncIterator[Any]:
        async with begin() as begun:
            try:
                yield begun
            except Exception as error:
                failures.append(error)
                raise

    return session


def can_join(db: Any) -> bool:
    """Whether all that is written in the block is one transaction."""
    engine = getattr(db, "db_engine", None)
    if engine is None or engine.dialect.name not in _DIALECTS:
        return False
    from sqlalchemy.pool import SingletonThreadPool, StaticPool

    return not isinstance(engine.pool, SingletonThreadPool | StaticPool)
