"""Keys as a process knows them: revoked within seconds, new ones at once, and all of them while their store is away."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import pytest

from agno_temporal.api import key_ring
from agno_temporal.api.key_ring import KeyRing, NoAnswer
from agno_temporal.api.key_stores import KeyDirectory
from agno_temporal.api.keys import ApiKey, new_key
from agno_temporal.api.principals import Scope
from tests.support import eventually


class Counted(KeyDirectory):
    """A store that counts how often it is asked, and can be away."""

    loads = 0
    is_away = False

    async def load(self) -> list[ApiKey]:
        self.loads += 1
        if self.is_away:
            raise ConnectionError("the store is away")
        return await super().load()


@pytest.fixture
def store(tmp_path: Path) -> Counted:
    return Counted(tmp_path)


def made(name: str = "ci") -> tuple[ApiKey, str]:
    return new_key(name, [Scope.READ], time.time())


async def test_a_key_is_known_by_the_whole_of_it(store: Counted):
    key, token = made()
    await store.add(key)
    ring = KeyRing(store)
    assert await ring.key(token) == key
    assert await ring.key(token[:-1] + ("a" if token[-1] != "a" else "b")) is None
    assert await ring.key(made()[1]) is None


async def test_many_guesses_cost_few_readings(store: Counted):
    ring = KeyRing(store)
    begun = time.monotonic()
    assert set(await asyncio.gather(*(ring.key(made()[1]) for _ in range(300)))) == {None}
    assert store.loads <= 2 + (time.monotonic() - begun) / key_ring.AGAIN


async def test_what_is_no_key_is_not_looked_for(store: Counted):
    assert await KeyRing(store).key("agt_short") is None
    assert store.loads == 0


async def test_a_key_that_is_revoked_elsewhere_is_known_within_seconds(store: Counted, tmp_path: Path):
    key, token = made()
    await store.add(key)
    here, there = KeyRing(store), KeyRing(Counted(tmp_path))
    assert await here.key(token)
    assert await there.key(token)
    await KeyDirectory(tmp_path).revoke(key.id)
    for ring in (here, there):

        async def is_revoked(ring: KeyRing = ring) -> bool:
            found = await ring.key(token)
            return found is not None and found.state(time.time()) == "revoked"

        await eventually("the revocation", is_revoked, patience=3 * key_ring.FRESH)


async def test_a_new_key_is_known_at_once(store: Counted):
    ring = KeyRing(store)
    assert await ring.key(made()[1]) is None
    key, token = made()
    await store.add(key)
    assert await ring.key(token) == key


async def test_a_store_that_hangs_holds_nobody_up_who_is_known(store: Counted, monkeypatch: pytest.MonkeyPatch):
    key, token = made()
    await store.add(key)
    ring = KeyRing(store)
    assert await ring.key(token)
    monkeypatch.setattr(store, "load", lambda: asyncio.sleep(60))
    monkeypatch.setattr(key_ring, "FRESH", 0.0)
    assert await asyncio.wait_for(ring.key(token), key_ring.PATIENCE)


async def test_keys_are_known_while_their_store_is_away_for_a_moment(store: Counted, monkeypatch: pytest.MonkeyPatch):
    key, token = made()
    await store.add(key)
    ring = KeyRing(store)
    assert await ring.key(token)
    store.is_away = True
    monkeypatch.setattr(key_ring, "FRESH", 0.0)
    assert await ring.key(token)
    monkeypatch.setattr(key_ring, "GRACE", 0.0)
    with pytest.raises(NoAnswer):
        await ring.key(token)


async def test_nobody_is_called_unknown_by_a_store_that_never_answered(store: Counted):
    store.is_away = True
    with pytest.raises(NoAnswer):
        await KeyRing(store).key(made()[1])


async def test_nobody_is_called_unknown_while_the_directory_is_not_there(tmp_path: Path):
    store = KeyDirectory(tmp_path / "keys")
    ring = KeyRing(store)
    key, token = made()
    with pytest.raises(NoAnswer):
        await ring.key(token)
    await store.add(key)

    async def is_known() -> bool:
        with suppress(NoAnswer):
            return await ring.key(token) == key
        return False

    await eventually("the first key", is_known, patience=3 * key_ring.FRESH)


async def test_the_use_of_a_key_is_noted_once_a_minute(store: Counted, tmp_path: Path):
    key, _ = made()
    await store.add(key)
    ring = KeyRing(store)
    noted = tmp_path / f"{key.id}.used"
    ring.used(key)

    async def is_noted() -> bool:
        return noted.exists()

    await eventually("the note", is_noted)
    noted.unlink()
    ring.used(key)
    assert not ring._notes
