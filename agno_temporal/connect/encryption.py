"""Encryption of everything that a run writes into Temporal: a codec with AES-256-GCM.

A codec that raises while a workflow task is decoded fails the task, and anybody who may send an update could so hold
up a run. So this one passes through what it did not encrypt, and marks what it cannot open (`contract.sealed`); who
then reads the mark waits for the key.

Each payload has a nonce of its own, drawn at random, which is safe for some four thousand million payloads of one key.
The key's id stands beside the data and is authenticated with it. The workflow's id is not, although it would keep an
encrypted payload from being moved to another run: Temporal itself moves them (a reset, a continue-as-new, a list's
memo), and its user interface asks for one to be decoded without saying whose it is.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec, SerializationContext, WithSerializationContext

from agno_temporal.connect.bad_setting import BadSetting
from agno_temporal.contract.sealed import IN_PLAIN, KEY_ID, REASON, SEALED, UNOPENED, VARIABLE

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BOUND_TO: Final = b"agno-temporal sealed 1\0"
"""What is authenticated with each payload, before the key's id."""


class NotSealed(ValueError):
    """A payload is marked as one that was sealed, and holds no such thing."""


@dataclass(frozen=True)
class Keys:
    """Keys by id. The first encrypts, all decrypt.

    Args:
        by_id: Each of 32 bytes. A new one is put first, and the old ones stay for as long as there is anything to read
            that they encrypted.

    Raises:
        BadSetting: There is none, or one is of another size.
    """

    by_id: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.by_id:
            raise BadSetting(f"{VARIABLE} has no key.")
        for key_id, key in self.by_id.items():
            if not _ID.fullmatch(key_id):
                raise BadSetting(f"{VARIABLE}: a key's id has up to 64 letters, digits and '._-', unlike {key_id!r}.")
            if len(key) != KEY_BYTES:
                raise BadSetting(f"{VARIABLE}: key {key_id!r} has {len(key)} bytes, and should have {KEY_BYTES}.")

    @property
    def first(self) -> str:
        return next(iter(self.by_id))


def keys_of(text: str) -> Keys:
    """Keys as a setting says them: ``ID=BASE64,ID=BASE64``.

    Raises:
        BadSetting: They cannot be read. No message shows a key.
    """
    found: dict[str, bytes] = {}
    for number, word in enumerate(filter(None, (one.strip() for one in text.split(","))), 1):
        key_id, equals, encoded = word.partition("=")
        if not equals or not _ID.fullmatch(key_id):
            raise BadSetting(f"{VARIABLE}: entry {number} is not ID=BASE64; `openssl rand -base64 32` makes a key.")
        if key_id in found:
            raise BadSetting(f"{VARIABLE} has two keys {key_id!r}.")
        try:
            found[key_id] = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise BadSetting(f"{VARIABLE}: key {key_id!r} is no base64. `openssl rand -base64 32` makes one.") from None
    return Keys(found)


class EncryptionCodec(PayloadCodec, WithSerializationContext):
    """Encrypts what is written, and opens what is read.

    Args:
        keys: The first encrypts.
        inner: A codec of yours, such as one that compresses: it works on what is not encrypted.

    Raises:
        BadSetting: What encrypts is not installed.
    """

    def __init__(self, keys: Keys, inner: PayloadCodec | None = None) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ModuleNotFoundError as error:
            raise BadSetting("Encryption needs `pip install 'agno-temporal[encryption]'`.") from error
        self._keys = keys
        self._inner = inner
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.by_id.items()}

    @property
    def keys(self) -> Keys:
        return self._keys

    def with_context(self, context: SerializationContext) -> EncryptionCodec:
        """See base class."""
        inner: Any = self._inner
        return EncryptionCodec(self._keys, inner.with_context(context)) if hasattr(inner, "with_context") else self

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See base class."""
        if self._inner is None:
            return [self._sealed(payload) for payload in payloads]
        return [self._sealed(one) for one in await _by(self._inner.encode, payloads)]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See base class. Never raises for what it is given; a codec of yours inside may."""
        opened = [self._opened(payload) for payload in payloads]
        return opened if self._inner is None else await _by(self._inner.decode, opened)

    def _sealed(self, payload: Payload) -> Payload:
        encoding = payload.metadata.get("encoding")
        if encoding == UNOPENED:
            try:
                return Payload.FromString(payload.data)
            except DecodeError as error:
                raise NotSealed("A payload that says it is sealed already is not.") from error
        if encoding == SEALED or IN_PLAIN in payload.metadata:
            return payload
        key_id = self._keys.first
        nonce = os.urandom(NONCE_BYTES)
        data = self._ciphers[key_id].encrypt(nonce, payload.SerializeToString(), _BOUND_TO + key_id.encode())
        return Payload(metadata={"encoding": SEALED, KEY_ID: key_id.encode()}, data=nonce + data)

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != SEALED:
            return payload
        named = payload.metadata.get(KEY_ID, b"")
        key_id = named.decode(errors="replace")
        cipher: Any = self._ciphers.get(key_id)
        if cipher is None:
            have = ", ".join(map(repr, self._ciphers))
            return _marked(payload, f"it is encrypted with key {key_id!r}, and {VARIABLE} has {have}. Add the key.")
        from cryptography.exceptions import InvalidTag

        nonce, data = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, data, _BOUND_TO + named))
        except (InvalidTag, ValueError):
            why = f"key {key_id!r} does not fit: {VARIABLE} has another key of this id, or the data was changed."
            return _marked(payload, why)


def _marked(payload: Payload, why: str) -> Payload:
    return Payload(metadata={"encoding": UNOPENED, REASON: why.encode()}, data=payload.SerializeToString())


async def _by(
    codec: Callable[[Sequence[Payload]], Awaitable[list[Payload]]], payloads: Sequence[Payload]
) -> list[Payload]:
    """What a codec inside makes of these, but for those that are nothing for it. One by one where there is such a one:
    a codec may make more payloads of its own, or fewer."""
    if not any(map(_is_left_alone, payloads)):
        return await codec(payloads)
    made = [[one] if _is_left_alone(one) else await codec([one]) for one in payloads]
    return [payload for some in made for payload in some]


def _is_left_alone(payload: Payload) -> bool:
    """Whether it is nothing for a codec inside: it could not be opened, or was never meant to be encoded."""
    return payload.metadata.get("encoding") in (UNOPENED, SEALED) or IN_PLAIN in payload.metadata
