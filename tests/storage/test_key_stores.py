"""Where keys are kept: the same from a database and a directory, and never more open than it should be."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb

from agno_temporal.agno_bridge.key_table import update_key
from agno_temporal.api.key_stores import CannotKeepKeys, KeyDirectory, KeyStore, KeyTable, NoDirectory
from agno_temporal.api.keys import new_key
from agno_temporal.api.principals import Scope
from tests.storage.conftest import OpenDatabase
from tests.storage.databases import SQL

KEY, TOKEN = new_key("ci", Scope, time.time(), user_id="ana", expires_at=time.time() + 60)


@pytest.fixture(params=["directory", *SQL])
def store(request: pytest.FixtureRequest, tmp_path: Path, open_database: OpenDatabase) -> KeyStore:
    if request.param == "directory":
        return KeyDirectory(tmp_path / "deep" / "keys")
    return KeyTable(open_database(request.param))


async def test_there_are_no_keys_before_one_is_made(sql: Any, tmp_path: Path):
    assert await KeyTable(sql).load() == []
    assert await KeyDirectory(tmp_path).load() == []


async def test_a_key_is_found_as_it_was_made(store: KeyStore):
    await store.add(KEY)
    assert await store.load() == [KEY]


async def test_a_key_is_revoked_once_and_for_good(store: KeyStore):
    await store.add(KEY)
    await store.revoke(KEY.id)
    [first] = await store.load()
    assert first.state(time.time()) == "revoked"
    await store.revoke(KEY.id)
    assert await store.load() == [first]


async def test_the_use_of_a_key_is_noted_and_revives_nothing(store: KeyStore):
    other, _ = new_key("other", [Scope.READ], time.time())
    await store.add(KEY)
    await store.add(other)
    await store.revoke(KEY.id)
    await store.used(KEY.id)
    found = {key.id: key for key in await store.load()}
    assert found[KEY.id].revoked_at is not None
    assert abs((found[KEY.id].last_used_at or 0) - time.time()) < 60
    assert found[other.id] == other


async def test_a_database_that_cannot_keep_keys_is_refused():
    for db in (None, InMemoryDb()):
        with pytest.raises(CannotKeepKeys, match="SqliteDb or PostgresDb"):
            KeyTable(db)


async def test_files_of_keys_are_their_owners_alone(tmp_path: Path):
    store = KeyDirectory(tmp_path / "keys")
    await store.add(KEY)
    await store.used(KEY.id)
    modes = {stat.S_IMODE(os.stat(file).st_mode) for file in (tmp_path / "keys").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(os.stat(tmp_path / "keys").st_mode) == 0o700


async def test_no_file_holds_a_secret(tmp_path: Path):
    await KeyDirectory(tmp_path).add(KEY)
    assert TOKEN[17:] not in (tmp_path / f"{KEY.id}.json").read_text()


async def test_a_directory_that_everybody_can_write_is_refused(tmp_path: Path):
    place = tmp_path / "keys"
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(CannotKeepKeys, match="chmod 700"):
        await KeyDirectory(place).load()


async def test_a_directory_that_is_not_there_is_not_one_without_keys(tmp_path: Path):
    with pytest.raises(NoDirectory, match="keys create"):
        await KeyDirectory(tmp_path / "keys").load()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"scopes": "everything"}'])
async def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: str):
    file = tmp_path / f"{KEY.id}.json"
    file.write_text(content)
    with pytest.raises(CannotKeepKeys, match=file.name):
        await KeyDirectory(tmp_path).load()


async def test_a_file_that_everybody_can_write_is_refused(tmp_path: Path):
    await KeyDirectory(tmp_path).add(KEY)
    (tmp_path / f"{KEY.id}.json").chmod(0o666)
    with pytest.raises(CannotKeepKeys, match="chmod 600"):
        await KeyDirectory(tmp_path).load()


async def test_a_copy_of_a_key_that_would_outlive_it_is_named(tmp_path: Path):
    await KeyDirectory(tmp_path).add(KEY)
    copy = tmp_path / "aaaabbbbcccc.json"
    copy.write_bytes((tmp_path / f"{KEY.id}.json").read_bytes())
    with pytest.raises(CannotKeepKeys, match=copy.name):
        await KeyDirectory(tmp_path).load()


async def test_a_row_that_is_no_key_is_named(sql: Any):
    store = KeyTable(sql)
    await store.add(KEY)
    await update_key(sql, KEY.id, "scopes", "everything", asyncio.to_thread, once=False)  # type: ignore[arg-type]
    with pytest.raises(CannotKeepKeys, match=KEY.id):
        await store.load()


async def test_two_that_make_the_first_key_at_once_both_succeed(sql: Any):
    pairs = [new_key(f"key-{number}", [Scope.READ], time.time()) for number in range(4)]
    await asyncio.gather(*(KeyTable(sql).add(key) for key, _ in pairs))
    assert {key.id for key in await KeyTable(sql).load()} == {key.id for key, _ in pairs}
