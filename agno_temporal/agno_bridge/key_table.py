"""API keys in the deployment's database: a small table of ours beside agno's.

agno has one for the tokens of its own server (`service_accounts`), and it is not used: a name can have one token there,
so that none is replaced without a gap; its scopes are AgentOS' own words; and its readers answer "none" for a database
that is down, which would turn every caller away for good instead of for a moment.

Rows are plain, and whoever changes one says which columns: that a key was used never writes back that it was not
revoked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from agno.db.base import AsyncBaseDb

from agno_temporal.agno_bridge.approval_table import has_approvals
from agno_temporal.agno_bridge.callers import RunInThread

T = TypeVar("T")

NAME: Final = "agno_temporal_api_keys"

has_sql = has_approvals
"""Whether the database is one of agno's for SQLite and PostgreSQL."""


async def read_keys(db: Any, in_thread: RunInThread) -> list[dict[str, Any]]:
    """All rows; none where there is no table yet."""

    def read(session: Any) -> list[dict[str, Any]]:
        from sqlalchemy import select

        table = _table(db)
        if not _is_there(session, table):
            return []
        return [dict(row._mapping) for row in session.execute(select(table).order_by(table.c.created_at, table.c.id))]

    return await _in_transaction(db, read, in_thread)


async def insert_key(db: Any, row: Mapping[str, Any], in_thread: RunInThread) -> None:
    """Add a row, and make the table where there is none."""

    def insert(session: Any) -> None:
        table = _table(db)
        if not _is_there(session, table):
            _make(session, table, getattr(db, "create_schema", True))
        session.execute(table.insert().values(**row))

    await _in_transaction(db, insert, in_thread)


async def update_key(db: Any, key_id: str, column: str, value: int, in_thread: RunInThread, *, once: bool) -> None:
    """Set one column of a row.

    Args:
        once: Only where it has no value yet: what was revoked stays revoked since then.
    """

    def write(session: Any) -> None:
        table = _table(db)
        which = [table.c.id == key_id, *([table.c[column].is_(None)] if once else [])]
        session.execute(table.update().where(*which).values({column: value}))

    await _in_transaction(db, write, in_thread)


def _table(db: Any) -> Any:
    from sqlalchemy import BigInteger, Column, MetaData, String, Table

    return Table(
        NAME,
        MetaData(schema=getattr(db, "db_schema", None)),
        Column("id", String, primary_key=True),
        Column("name", String, nullable=False),
        Column("digest", String, nullable=False),
        Column("scopes", String, nullable=False),
        Column("user_id", String),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger),
        Column("revoked_at", BigInteger),
        Column("last_used_at", BigInteger),
    )


def _is_there(session: Any, table: Any) -> bool:
    from sqlalchemy import inspect

    return bool(inspect(session.connection()).has_table(table.name, schema=table.schema))


def _make(session: Any, table: Any, with_schema: bool) -> None:
    """PostgreSQL looks whether it is there before it makes it: of two at once, one fails."""
    from sqlalchemy import func, select
    from sqlalchemy.schema import CreateSchema, CreateTable

    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(table.name))))
    if table.schema is not None and with_schema:
        session.execute(CreateSchema(table.schema, if_not_exists=True))
    session.execute(CreateTable(table, if_not_exists=True))


async def _in_transaction(db: Any, work: Callable[[Any], T], in_thread: RunInThread) -> T:
    if isinstance(db, AsyncBaseDb):
        anything: Any = db
        async with anything.async_session_factory() as session, session.begin():
            done: Any = await session.run_sync(work)
            return done  # type: ignore[no-any-return]
    return await in_thread(lambda: _transacted(db, work))


def _transacted(db: Any, work: Callable[[Any], T]) -> T:
    with db.Session() as session, session.begin():
        return work(session)
