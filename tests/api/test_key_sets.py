"""The issuer's keys: from where they are read, and how often."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agno_temporal.api import key_sets
from agno_temporal.api.key_sets import BadKeySet, KeySet, NoKeySet, key_set, usable
from tests.api.issuer import Signer, published, serving
from tests.support import PATIENCE, eventually

OLD, NEW = Signer("old", "ES256"), Signer("new", "ES256")


async def test_keys_are_read_once_for_many_tokens():
    with serving(published(OLD)) as server:
        keys = key_set(server.url)
        for _ in range(20):
            assert await keys.key("old", "ES256")
        assert server.asked == 1


async def test_tokens_of_unknown_keys_do_not_load_the_issuer():
    with serving(published(OLD)) as server:
        keys = key_set(server.url)
        for number in range(50):
            assert await keys.key(f"guess-{number}", "ES256") is None
        assert server.asked == 1


async def test_a_key_that_is_new_is_found(monkeypatch: pytest.MonkeyPatch):
    with serving(published(OLD)) as server:
        keys = key_set(server.url)
        keys._again = 0.0
        assert await keys.key("new", "ES256") is None
        server.content = published(OLD, NEW)
        assert await keys.key("new", "ES256") is not None


async def test_a_file_that_changes_is_read_again(tmp_path: Path):
    file = tmp_path / "jwks.json"
    file.write_bytes(published(OLD))
    keys = key_set(str(file))
    assert await keys.key("old", "ES256")
    file.write_bytes(published(NEW))

    async def renewed() -> bool:
        return await keys.key("new", "ES256") is not None and await keys.key("old", "ES256") is None

    await eventually("the new key", renewed)


async def test_keys_are_believed_while_their_issuer_is_away(monkeypatch: pytest.MonkeyPatch):
    with serving(published(OLD)) as server:
        keys = key_set(server.url)
        assert await keys.key("old", "ES256")
        server.status = 500
        keys._fresh = 0.0
        assert await keys.key("old", "ES256")
        monkeypatch.setattr(key_sets, "STALE", 0.0)
        with pytest.raises(NoKeySet):
            await keys.key("old", "ES256")


async def test_an_issuer_that_never_answered_makes_nobody_known():
    with serving(b"") as server:
        server.status = 503
        with pytest.raises(NoKeySet):
            await key_set(server.url).key("old", "ES256")


async def test_a_redirect_is_not_followed():
    with serving(published(OLD)) as other, serving(b"") as server:
        server.status, server.headers = 302, {"Location": other.url}
        with pytest.raises(NoKeySet):
            await key_set(server.url).key("old", "ES256")
        assert other.asked == 0


async def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(key_sets, "MAX_BYTES", 100)
    with serving(published(OLD)) as server, pytest.raises(NoKeySet):
        await key_set(server.url).key("old", "ES256")


async def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    monkeypatch.setattr(key_sets, "TIMEOUT", 0.5)
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(NoKeySet):
            await key_set(f"http://127.0.0.1:{port}/keys").key("old", "ES256")
    server.close()


async def test_the_only_key_is_that_of_a_token_which_names_none():
    with serving(published(OLD)) as server:
        assert await key_set(server.url).key(None, "ES256")


@pytest.mark.parametrize(
    "place",
    ["http://issuer.example.org/keys", "ftp://127.0.0.1/keys", "file:///etc/passwd", "https://a:b@issuer.example.org/"],
)
def test_keys_are_not_read_from_where_anybody_could_put_them(place: str):
    with pytest.raises(BadKeySet):
        key_set(place)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(BadKeySet, match=r"nothing\.json"):
        key_set(str(tmp_path / "nothing.json"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": 1}',
        b'{"keys": [1]}',
        b'{"keys": []}',
        b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}',
    ],
)
def test_a_set_without_public_keys_is_none(content: bytes):
    with pytest.raises(BadKeySet):
        usable(content)


async def test_an_issuer_that_hangs_holds_up_nobody_whose_key_is_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(key_sets, "BRIEFLY", 0.01)
    monkeypatch.setattr(key_sets, "TIMEOUT", PATIENCE)
    answers, asked = asyncio.Event(), list[None]()

    async def read() -> bytes:
        asked.append(None)
        if len(asked) > 1:
            await answers.wait()
        return published(OLD)

    keys = KeySet(read, fresh=0.0, again=0.0)
    assert await keys.key("old", "ES256")
    unknown = [asyncio.create_task(keys.key(f"made up {number}", "ES256")) for number in range(3)]
    assert await keys.key("old", "ES256")
    assert (len(asked), [one.done() for one in unknown]) == (2, [False] * 3)
    answers.set()
    assert await asyncio.gather(*unknown) == [None] * 3
