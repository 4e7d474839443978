"""A data converter that encrypts: whatever else it does stays as it was.

The codec marks what it cannot open, and the converters heed the mark: they raise `Unopened`, which names the key,
instead of "unknown encoding". Of a failure, message and stack trace are encrypted as well, since they hold what the
code was at; a failure that cannot be opened raises too, because a run that took the words "Encoded failure" for the
reason of a failure would remember them.

Some words stay in plain. That something cannot be opened names the key, for who has another one than the process that
lacks it. And of a question that a run does not answer, Temporal's core hands on the message and nothing else
(temporalio 1.35, measured), so that what is encrypted of it is lost.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.converter import DataConverter, DefaultFailureConverter, FailureConverter, PayloadConverter

from agno_temporal.connect.brief import brief
from agno_temporal.connect.encryption import EncryptionCodec, Keys
from agno_temporal.contract import names
from agno_temporal.contract.sealed import UNDECODED, Unopened, refuse_unopened

_THE_SAME_FOR_EVERY_RUN: Final = frozenset({names.BEING_BROUGHT, UNDECODED})
"""Words that a run says instead of an answer."""


def encrypted(converter: DataConverter, keys: Keys) -> DataConverter:
    """The converter, with everything encrypted that it writes. Its own codec works inside, on what is not encrypted.

    Example:
        converter = encrypted(pydantic_data_converter, keys_of(os.environ["MY_KEYS"]))
        client = await Client.connect("localhost:7233", data_converter=converter)
    """
    return dataclasses.replace(
        heedful(converter),
        payload_codec=EncryptionCodec(keys, converter.payload_codec),
        failure_converter_class=_hiding(converter.failure_converter_class),
    )


def heedful(converter: DataConverter) -> DataConverter:
    """The converter, which says of what is encrypted which key is missing. For processes without keys, too."""
    return dataclasses.replace(converter, payload_converter_class=_heedful(converter.payload_converter_class))


@functools.cache
def _heedful(cls: type[PayloadConverter]) -> type[PayloadConverter]:
    base: Any = cls

    class Heedful(base):  # type: ignore[misc]
        def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
            for payload, hint in zip_longest(payloads, type_hints or ()):
                if hint is not RawValue:  # Who takes it raw looks at it himself.
                    refuse_unopened(payload.metadata)
            found: list[Any] = super().from_payloads(payloads, type_hints)
            return found

    return _named_as(Heedful, cls)


@functools.cache
def _hiding(cls: type[FailureConverter]) -> type[FailureConverter]:
    base: Any = cls

    class Hiding(base):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            if isinstance(self, DefaultFailureConverter):
                self._encode_common_attributes = True

        def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
            super().to_failure(brief(exception), payload_converter, failure)
            if isinstance(exception, Unopened) or str(exception) in _THE_SAME_FOR_EVERY_RUN:
                failure.message = str(exception)
                failure.ClearField("encoded_attributes")

        def from_failure(self, failure: Failure, payload_converter: PayloadConverter) -> BaseException:
            if failure.HasField("encoded_attributes"):
                refuse_unopened(failure.encoded_attributes.metadata, "A failure's message")
            error: BaseException = super().from_failure(failure, payload_converter)
            return error

    return _named_as(Hiding, cls)


def _named_as(made: type[Any], cls: type[Any]) -> type[Any]:
    made.__name__ = made.__qualname__ = f"{made.__name__}{cls.__name__}"
    return made
