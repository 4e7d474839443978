"""Large payloads in S3 or Google Cloud Storage, by Temporal's own drivers.

Their clients are sessions of aiohttp, which belong to the event loop that made them; and a Temporal client is used from
several: synchronous calls have a loop of their own. So each loop gets a session, with the first payload that it moves.
It ends with its loop, as asynchronous generators do, or where the loop was closed without them, when another loop gets
one: a process may run a loop for each of its calls.

Region, endpoint and credentials are those of AWS' and Google's own variables and files.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Generic, TypeVar

from temporalio.contrib.aws.s3driver import S3StorageDriver, S3StorageDriverClient
from temporalio.contrib.gcp.gcsdriver import GCSStorageDriver, GCSStorageDriverClient
from temporalio.converter import StorageDriver

from agno_temporal.connect.bad_setting import BadSetting

T = TypeVar("T")


def bucket_driver(scheme: str, bucket: str) -> StorageDriver:
    """The driver for a bucket of S3 (``s3``) or Google Cloud Storage (``gs``).

    Raises:
        BadSetting: What it needs is not installed.
    """
    try:
        if scheme == "s3":
            import_module("aioboto3")
            import_module("temporalio.contrib.aws.s3driver.aioboto3")
            return S3StorageDriver(_S3(), bucket)
        import_module("temporalio.contrib.gcp.gcsdriver.gcloud_aio")
        return GCSStorageDriver(_Gcs(), bucket)
    except ModuleNotFoundError as error:
        extra = "s3" if scheme == "s3" else "gcs"
        raise BadSetting(
            f"{scheme}://{bucket} needs `pip install 'agno-temporal[{extra}]'` ({error.name} is not installed)."
        ) from error


class _EachLoops(Generic[T]):
    """One object for each event loop, made when it is first needed there."""

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[T]]) -> None:
        self._opened = opened
        self._made: dict[asyncio.AbstractEventLoop, _Made[T]] = {}

    async def get(self) -> T:
        loop = asyncio.get_running_loop()
        made = self._made.get(loop)
        if made is None or made.has_failed():
            await self._forget_closed()
            made = self._made[loop] = _Made.of(self._opened())
        return await asyncio.shield(made.making)

    async def _forget_closed(self) -> None:
        """Let go of what the loops had that are closed. A weak key would not do: what is made holds its loop."""
        for loop in [one for one in list(self._made) if one.is_closed()]:
            if made := self._made.pop(loop, None):
                with suppress(Exception):  # Some of it may need its own loop.
                    await made.session.__aexit__(None, None, None)


@dataclass(frozen=True)
class _Made(Generic[T]):
    session: AbstractAsyncContextManager[T]
    making: asyncio.Future[T]

    @classmethod
    def of(cls, session: AbstractAsyncContextManager[T]) -> _Made[T]:
        return cls(session, asyncio.ensure_future(session.__aenter__()))

    def has_failed(self) -> bool:
        return self.making.done() and (self.making.cancelled() or self.making.exception() is not None)


@asynccontextmanager
async def _s3_session() -> AsyncGenerator[S3StorageDriverClient, None]:
    aioboto3, temporals = import_module("aioboto3"), import_module("temporalio.contrib.aws.s3driver.aioboto3")
    async with aioboto3.Session().client("s3") as opened:
        client: S3StorageDriverClient = temporals.new_aioboto3_client(opened)
        yield client


@asynccontextmanager
async def _gcs_session() -> AsyncGenerator[GCSStorageDriverClient, None]:
    gcloud, temporals = (
        import_module("gcloud.aio.storage"),
        import_module("temporalio.contrib.gcp.gcsdriver.gcloud_aio"),
    )
    async with gcloud.Storage() as opened:
        client: GCSStorageDriverClient = temporals.new_gcloud_aio_client(opened)
        yield client


class _S3(S3StorageDriverClient):
    """S3, on whatever loop."""

    def __init__(self) -> None:
        self._sessions = _EachLoops(_s3_session)

    async def put_object(self, *, bucket: str, key: str, data: bytes) -> None:
        await (await self._sessions.get()).put_object(bucket=bucket, key=key, data=data)

    async def object_exists(self, *, bucket: str, key: str) -> bool:
        return await (await self._sessions.get()).object_exists(bucket=bucket, key=key)

    async def get_object(self, *, bucket: str, key: str) -> bytes:
        return await (await self._sessions.get()).get_object(bucket=bucket, key=key)


class _Gcs(GCSStorageDriverClient):
    """Google Cloud Storage, on whatever loop."""

    def __init__(self) -> None:
        self._sessions = _EachLoops(_gcs_session)

    async def put_object(self, *, bucket: str, object_name: str, data: bytes) -> None:
        await (await self._sessions.get()).put_object(bucket=bucket, object_name=object_name, data=data)

    async def object_exists(self, *, bucket: str, object_name: str) -> bool:
        return await (await self._sessions.get()).object_exists(bucket=bucket, object_name=object_name)

    async def get_object(self, *, bucket: str, object_name: str) -> bytes:
        return await (await self._sessions.get()).get_object(bucket=bucket, object_name=object_name)
