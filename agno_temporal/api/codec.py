"""A codec server: Temporal's own user interface and command line read encrypted runs through it.

They see what Temporal has, and ask here for it to be opened: the keys stay where they are, and who may read is who may
call this. A payload does not say whose it is; so where users are kept apart, only who sees all runs may. What cannot be
opened comes back as it was. What is in an external storage stays there: its reference is not encrypted, and says where.

It is off unless the settings say otherwise, and it opens nothing without keys.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Depends
from pydantic import Field
from temporalio.api.common.v1 import Payload

from agno_temporal.api.access import Principal, Scope, needs, refuse_without
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.documented import problems
from agno_temporal.api.problems import Problem
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.shapes import Shape
from agno_temporal.connect.encryption import EncryptionCodec, NotSealed
from agno_temporal.contract.sealed import UNOPENED

MAX_PAYLOADS: Final = 2_000

MAX_BODY_BYTES: Final = 8_000_000
"""A page of a history has up to 4 MB, and is asked about at once; base64 adds a third."""


class WirePayload(Shape):
    metadata: dict[str, str] = Field(default_factory=dict)
    data: str = ""


class WirePayloads(Shape):
    """Temporal's command line leaves an empty list out."""

    payloads: list[WirePayload] = Field(default_factory=list)


Recode = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]


def codec_of(service: Service) -> EncryptionCodec | None:
    """The codec of the service's client, where it is one of ours."""
    codec = service.runs.client.data_converter.payload_codec
    return codec if isinstance(codec, EncryptionCodec) else None


def routes(service: Service) -> APIRouter:
    """The routes, for a service whose client encrypts."""
    limits = replace(service.limits, body_bytes=max(service.limits.body_bytes, MAX_BODY_BYTES))
    router = new_router(service, "codec", limits)
    codec = codec_of(service)
    assert codec is not None
    reader: Principal = Depends(needs(service, Scope.READ))

    async def answered(body: WirePayloads, principal: Principal, recode: Recode) -> JsonAnswer:
        if service.isolation:
            refuse_without(Scope.ADMIN, principal)
        recoded = await recode(_payloads(body))
        return JsonAnswer({"payloads": list(map(_document, recoded))}, headers={"Cache-Control": "no-store"})

    @router.post(
        "/codec/decode",
        operation_id="decode_payloads",
        summary="Open encrypted payloads",
        responses={200: {"model": WirePayloads}, **problems("insufficient-scope", "invalid-request")},
    )
    async def decode(body: WirePayloads, principal: Principal = reader) -> JsonAnswer:
        """For Temporal's user interface (the address of a codec server is this one's, up to `/codec`) and its command
        line (`--codec-endpoint`). Where users are kept apart, it needs the scope admin."""

        async def opened(payloads: Sequence[Payload]) -> list[Payload]:
            return [
                sealed if one.metadata.get("encoding") == UNOPENED else one
                for sealed, one in zip(payloads, await codec.decode(payloads), strict=True)
            ]

        return await answered(body, principal, opened)

    @router.post(
        "/codec/encode",
        operation_id="encode_payloads",
        summary="Encrypt payloads",
        responses={200: {"model": WirePayloads}, **problems("insufficient-scope", "invalid-request")},
    )
    async def encode(body: WirePayloads, principal: Principal = reader) -> JsonAnswer:
        """For what is sent with Temporal's command line, such as a signal."""
        try:
            return await answered(body, principal, codec.encode)
        except NotSealed as error:
            raise Problem(422, "invalid-request", str(error)) from error

    return router


def _payloads(body: WirePayloads) -> list[Payload]:
    if len(body.payloads) > MAX_PAYLOADS:
        raise Problem(422, "invalid-request", f"{MAX_PAYLOADS} payloads are taken at once.")
    try:
        return [_payload(one) for one in body.payloads]
    except (binascii.Error, ValueError) as error:
        raise Problem(422, "invalid-request", f"A payload is not base64: {error}.") from error


def _payload(one: WirePayload) -> Payload:
    metadata: dict[str, Any] = {name: _bytes(value) for name, value in one.metadata.items()}
    return Payload(metadata=metadata, data=_bytes(one.data))


def _document(payload: Payload) -> dict[str, Any]:
    """The payload as protobuf's JSON has it."""
    metadata = {name: _text(value) for name, value in payload.metadata.items()}
    return {"metadata": metadata, "data": _text(payload.data)}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    """Temporal's command line pads, and programs that use protobuf's JSON may not."""
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
