"""Where API keys are kept: in the deployment's database, or in a directory where there is none.

A directory with a file for each key, and not one file with all: two processes that write at once would lose one of two
changes, and the lost one may be a revocation. So a key's file is written by whoever makes or revokes it, whole and by
one rename, and that it was used is the time of a second file, which says nothing else.

A directory that cannot be read, or is not there, is not one without keys: it may be a volume that is not mounted, or a
name that is misspelt, and a caller whose key is as good as ever must not be told that there is no such key.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shlex
import stat
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from agno_temporal.agno_bridge.key_table import has_sql, insert_key, read_keys, update_key
from agno_temporal.api.key_threads import KeyThreads
from agno_temporal.api.keys import ApiKey, is_id
from agno_temporal.api.principals import Scope
from agno_temporal.connect.settings import BadSetting

T = TypeVar("T")

VARIABLE = "AGNO_TEMPORAL_API_KEY_STORE"

DATABASE = "database"


class CannotKeepKeys(BadSetting):
    """Keys cannot be kept, or read, here. The message says why, and what to do."""


class NoDirectory(CannotKeepKeys):
    """There is no such directory: no key was made yet, it is not mounted, or its name is misspelt."""


class KeyStore(Protocol):
    """Keeps keys. Each method raises where the store cannot be read or written."""

    async def load(self) -> list[ApiKey]: ...

    async def add(self, key: ApiKey) -> None: ...

    async def revoke(self, key_id: str) -> None:
        """Once and for good: a second time changes nothing."""
        ...

    async def used(self, key_id: str) -> None:
        """Note that a key was used now."""
        ...


class KeyTable:
    """Keys in the database that the workflows share.

    Args:
        db: One of agno's for SQLite or PostgreSQL.

    Raises:
        CannotKeepKeys: It is of another kind.
    """

    def __init__(self, db: Any) -> None:
        if not has_sql(db):
            raise CannotKeepKeys(
                f"API keys cannot be kept in {'no database' if db is None else type(db).__name__}. Give the workflows "
                f"a SqliteDb or PostgresDb, or keep keys in a directory ({VARIABLE}=/path/to/keys)."
            )
        self._db = db
        self._reading, self._noting = KeyThreads(), KeyThreads()

    async def load(self) -> list[ApiKey]:
        """
        Raises:
            DatabaseSilent: It has not answered an earlier reading, which was given up.
        """
        return [_of_row(row, f"Row {row['id']!r} of the database") for row in await read_keys(self._db, self._reading)]

    async def add(self, key: ApiKey) -> None:
        await insert_key(self._db, _row(key), _in_thread)

    async def revoke(self, key_id: str) -> None:
        await update_key(self._db, key_id, "revoked_at", int(time.time()), _in_thread, once=True)

    async def used(self, key_id: str) -> None:
        """
        Raises:
            DatabaseSilent: It has not answered an earlier note, which was given up.
        """
        await update_key(self._db, key_id, "last_used_at", int(time.time()), self._noting, once=False)


class KeyDirectory:
    """Keys in files that only their owner can read.

    Where the directory cannot be written, as a mounted secret, the time of last use is not known.
    """

    def __init__(self, place: str | Path) -> None:
        self.place = Path(place)

    async def load(self) -> list[ApiKey]:
        """
        Raises:
            NoDirectory: It is not there.
            CannotKeepKeys: It cannot be read, or something in it is no key.
        """
        return await asyncio.to_thread(self.look)

    async def add(self, key: ApiKey) -> None:
        """
        Raises:
            CannotKeepKeys: The directory cannot be made, or not written.
        """
        try:
            await asyncio.to_thread(self._write, key)
        except OSError as error:
            raise CannotKeepKeys(f"Keys cannot be kept in {self.place}: {error}. Name another directory.") from error

    async def revoke(self, key_id: str) -> None:
        await asyncio.to_thread(self._revoke, key_id)

    async def used(self, key_id: str) -> None:
        await asyncio.to_thread(self._touch, key_id)

    def look(self) -> list[ApiKey]:
        """`load`, for who has no loop."""
        try:
            found = [self._read(file) for file in self._files()]
        except OSError as error:
            raise CannotKeepKeys(
                f"API keys cannot be read in {self.place.absolute()}: {error.strerror}. Let this process read it, or "
                f"name another directory ({VARIABLE})."
            ) from error
        return sorted(found, key=lambda key: (key.created_at, key.id))

    def _files(self) -> list[Path]:
        """Not by a pattern: that has nothing in a directory that cannot be read."""
        try:
            _refuse_writable(self.place, "chmod 700")
            return [file for file in self.place.iterdir() if file.suffix == ".json" and is_id(file.stem)]
        except FileNotFoundError as error:
            place = self.place.absolute()
            raise NoDirectory(
                f"There is no directory {place}, so that no API key is known. Mount it; name another ({VARIABLE}; "
                f"{DATABASE!r} is the workflows' own); or make its first key: agno-temporal keys create NAME --scope "
                f"read --store {shlex.quote(str(place))}"
            ) from error

    def _read(self, file: Path) -> ApiKey:
        _refuse_writable(file, "chmod 600")
        key = _of_row(_json(file), str(file))
        if key.id != file.stem:
            raise CannotKeepKeys(f"{file} is a copy of key {key.id!r}, which would outlive its revocation. Remove it.")
        with suppress(FileNotFoundError):
            key = replace(key, last_used_at=int(file.with_suffix(".used").stat().st_mtime))
        return key

    def _write(self, key: ApiKey) -> None:
        self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.place / f".{key.id}.{secrets.token_hex(8)}"
        try:
            with open(draft, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                json.dump(_row(key), file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, self.place / f"{key.id}.json")
        finally:
            draft.unlink(missing_ok=True)

    def _revoke(self, key_id: str) -> None:
        key = self._read(self.place / f"{key_id}.json")
        if key.revoked_at is None:
            self._write(replace(key, revoked_at=int(time.time())))

    def _touch(self, key_id: str) -> None:
        (self.place / f"{key_id}.used").touch(mode=0o600)


def store_at(place: str, db: Any) -> KeyStore:
    """The store that a setting names: ``database`` for that of the workflows, or a directory.

    Raises:
        CannotKeepKeys: The database keeps none.
    """
    return KeyTable(db) if place == DATABASE else KeyDirectory(place)


def _row(key: ApiKey) -> dict[str, Any]:
    return {**vars(key), "scopes": " ".join(sorted(key.scopes))}


def _of_row(row: Any, place: str) -> ApiKey:
    try:
        return ApiKey(**{**row, "scopes": frozenset(Scope(name) for name in row["scopes"].split())})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotKeepKeys(f"{place} is no API key: {error!r}. Remove it, and make another.") from error


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text())
    except ValueError as error:
        raise CannotKeepKeys(f"{file} is no API key: {error!r}. Remove it, and make another.") from error


def _refuse_writable(place: Path, remedy: str) -> None:
    if os.name == "posix" and place.stat().st_mode & stat.S_IWOTH:
        raise CannotKeepKeys(f"{place} can be written by everybody, who could make keys. {remedy} it.")


def _in_thread(work: Callable[[], T]) -> Awaitable[T]:
    return asyncio.to_thread(work)
