"""The codec: what it makes of payloads, whatever keys there are. Pure; the rest of the system has the tests beside."""

from __future__ import annotations

import base64
import dataclasses
import os
import zlib
from collections.abc import Sequence

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.exceptions import ApplicationError

from agno_temporal.connect.bad_setting import BadSetting
from agno_temporal.connect.encryption import EncryptionCodec, Keys, keys_of
from agno_temporal.connect.opening import encrypted, heedful
from agno_temporal.contract.sealed import IN_PLAIN, SEALED, UNOPENED, Unopened

OLD, NEW = os.urandom(32), os.urandom(32)
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"a secret"')


class Squeezed(PayloadCodec):
    """One of the user's own."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": b"binary/squeezed"}, data=zlib.compress(one.SerializeToString()))
            for one in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload.FromString(zlib.decompress(one.data)) if one.metadata["encoding"] == b"binary/squeezed" else one
            for one in payloads
        ]


def codec(**keys: bytes) -> EncryptionCodec:
    return EncryptionCodec(Keys(keys))


async def test_what_is_encrypted_is_opened_again_and_shows_nothing() -> None:
    (sealed,) = await codec(new=NEW).encode([PLAIN])
    assert (sealed.metadata["encoding"], sealed.metadata["encryption-key-id"]) == (SEALED, b"new")
    assert b"secret" not in sealed.SerializeToString()
    assert await codec(new=NEW).decode([sealed]) == [PLAIN]


async def test_the_same_value_is_never_written_the_same_way_twice() -> None:
    first, second = await codec(new=NEW).encode([PLAIN, PLAIN])
    assert first.data != second.data


async def test_the_first_key_encrypts_and_all_of_them_open() -> None:
    (old,) = await codec(old=OLD).encode([PLAIN])
    rotated = codec(new=NEW, old=OLD)
    (new,) = await rotated.encode([PLAIN])
    assert new.metadata["encryption-key-id"] == b"new"
    assert await rotated.decode([old, new]) == [PLAIN, PLAIN]


async def test_what_was_not_encrypted_passes_through() -> None:
    foreign = Payload(metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"theirs"}, data=b"...")
    assert await codec(new=NEW).decode([PLAIN, foreign]) == [PLAIN, foreign]


async def test_a_payload_of_a_missing_key_is_marked_and_named_and_restored() -> None:
    (sealed,) = await codec(old=OLD).encode([PLAIN])
    (marked,) = await codec(new=NEW).decode([sealed])
    assert marked.metadata["encoding"] == UNOPENED
    assert b"key 'old'" in marked.metadata["unopened-because"]
    assert await codec(new=NEW).encode([marked]) == [sealed]


@pytest.mark.parametrize("change", ["the data", "the key's id", "the nonce", "all of it"])
async def test_what_was_changed_is_marked(change: str) -> None:
    (sealed,) = await codec(a=NEW).encode([PLAIN])
    match change:
        case "the data":
            sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
        case "the nonce":
            sealed.data = bytes([sealed.data[0] ^ 1]) + sealed.data[1:]
        case "the key's id":
            sealed.metadata["encryption-key-id"] = b"b"
        case "all of it":
            sealed.data = b""
    (marked,) = await codec(a=NEW, b=NEW).decode([sealed])
    assert marked.metadata["encoding"] == UNOPENED


async def test_a_count_that_is_marked_as_plain_stays_so() -> None:
    count = Payload(metadata={"encoding": b"json/plain", IN_PLAIN: b"1"}, data=b"3")
    assert await codec(new=NEW).encode([count]) == [count]


async def test_a_codec_of_the_users_works_inside() -> None:
    converter = encrypted(DataConverter(payload_codec=Squeezed()), Keys({"new": NEW}))
    (sealed,) = await converter.encode(["a secret" * 1000])
    assert sealed.metadata["encoding"] == SEALED
    assert len(sealed.data) < 500
    assert await converter.decode([sealed]) == ["a secret" * 1000]
    other = encrypted(DataConverter(payload_codec=Squeezed()), Keys({"other": NEW}))
    with pytest.raises(Unopened, match="'new'"):
        await other.decode([sealed])


async def test_reading_without_the_key_says_which_one_it_is() -> None:
    (sealed,) = await encrypted(pydantic_data_converter, Keys({"old": OLD})).encode([{"a": 1}])
    with pytest.raises(Unopened, match="encrypted with key 'old', and AGNO_TEMPORAL_ENCRYPTION_KEYS has 'new'"):
        await encrypted(DataConverter.default, Keys({"new": NEW})).decode([sealed])
    with pytest.raises(Unopened, match="key 'old', and this process has no keys"):
        await heedful(DataConverter.default).decode([sealed])


async def test_a_failures_words_are_encrypted_and_never_replaced() -> None:
    from temporalio.api.failure.v1 import Failure

    ours, other = (encrypted(DataConverter.default, Keys({name: NEW})) for name in ("ours", "other"))
    failure = Failure()
    await ours.encode_failure(ApplicationError("a secret", "details too"), failure)
    assert b"secret" not in failure.SerializeToString()
    assert b"details" not in failure.SerializeToString()
    copied = Failure.FromString(failure.SerializeToString())
    assert getattr(await ours.decode_failure(copied), "message", "") == "a secret"
    with pytest.raises(Unopened, match="A failure's message"):
        await other.decode_failure(failure)


def test_a_converter_keeps_what_else_it_does() -> None:
    converter = encrypted(pydantic_data_converter, Keys({"new": NEW}))
    assert issubclass(converter.payload_converter_class, pydantic_data_converter.payload_converter_class)
    stored = dataclasses.replace(converter, external_storage=None)
    assert stored.payload_codec is converter.payload_codec


def test_keys_are_read_from_a_setting() -> None:
    text = f"new={base64.b64encode(NEW).decode()} , old={base64.b64encode(OLD).decode()}"
    assert dict(keys_of(text).by_id) == {"new": NEW, "old": OLD}
    assert keys_of(text).first == "new"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no key"),
        ("c2VjcmV0", "entry 1 is not ID=BASE64"),
        ("a=c2VjcmV0", "key 'a' has 6 bytes"),
        ("a=****", "key 'a' is no base64"),
        ("a b=c2VjcmV0", "entry 1 is not"),
        (f"a={base64.b64encode(NEW).decode()},a={base64.b64encode(OLD).decode()}", "two keys 'a'"),
    ],
    ids=["empty", "no id", "short", "no base64", "a blank", "twice"],
)
def test_a_wrong_setting_is_refused_without_showing_a_key(text: str, said: str) -> None:
    with pytest.raises(BadSetting) as refused:
        keys_of(text)
    assert said in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value)


def test_keys_are_in_no_representation() -> None:
    assert "secret" not in repr(Keys({"a": b"secret" + NEW[6:]}))


async def test_a_codec_inside_has_all_that_are_for_it_beside_those_that_are_not() -> None:
    both = EncryptionCodec(Keys({"new": NEW}), Squeezed())
    heartbeat = Payload(metadata={"encoding": b"json/plain", IN_PLAIN: b"1"}, data=b"[3]")
    (lost,) = await codec(old=OLD).encode([PLAIN])
    sealed = await both.encode([PLAIN, heartbeat])
    opened = await both.decode([*sealed, lost])
    assert opened[:2] == [PLAIN, heartbeat]
    assert opened[2].metadata["encoding"] == UNOPENED
