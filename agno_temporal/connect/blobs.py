"""Large payloads in files: External Storage for one machine, or for several that share a directory.

A payload that is lost holds its run up for good, and one that is half written is worse. So a file is written beside its
place, flushed to the disk, and renamed, and it is named by what it holds: what is read is checked against the name, and
writing it twice is writing it once. The directory comes from the workflow's id, so that what a run has stored can be
deleted with it; an id may hold anything, and is made into one harmless name.

Files are for their owner alone. With encryption they hold what is encrypted already.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    StorageDriver,
    StorageDriverActivityInfo,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
)

from agno_temporal.contract.sealed import Unreadable

NAME: Final = "agno-temporal.files"
"""The driver's name, in every reference: persisted data."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_OWNER: Final = re.compile(r"[A-Za-z0-9._@~+=,-]{1,200}")


class BlobLost(Unreadable):
    """A stored payload is not there any more, or is not what it was."""


class FileStorage(StorageDriver):
    """A driver of Temporal's External Storage that keeps payloads in files.

    Args:
        directory: Of all clients, workers and servers the same. It is made where there is none.
        name: To tell several drivers of one client apart.
    """

    def __init__(self, directory: str | Path, name: str = NAME) -> None:
        self.directory = Path(directory).absolute()
        self._name = name

    def name(self) -> str:
        """See base class."""
        return self._name

    def type(self) -> str:
        """See base class."""
        return NAME

    async def store(self, context: StorageDriverStoreContext, payloads: Sequence[Payload]) -> list[StorageDriverClaim]:
        """See base class."""
        owner = _owner(context)
        data = [payload.SerializeToString() for payload in payloads]
        digests = [hashlib.sha256(one).hexdigest() for one in data]
        await asyncio.to_thread(self._write_all, owner, dict(zip(digests, data, strict=True)))
        return [StorageDriverClaim({"owner": owner, "sha256": digest}) for digest in digests]

    async def retrieve(
        self, context: StorageDriverRetrieveContext, claims: Sequence[StorageDriverClaim]
    ) -> list[Payload]:
        """See base class.

        Raises:
            BlobLost: One is not there, or not as it was written.
        """
        return [Payload.FromString(await asyncio.to_thread(self._read, claim)) for claim in claims]

    async def forget(self, namespace: str, workflow_id: str) -> int:
        """Delete what a workflow has stored: how many payloads that was."""
        return await asyncio.to_thread(self._forget, _place(namespace, workflow_id))

    def unusable(self) -> str | None:
        """Why nothing can be stored, where that can be seen; None where it can."""
        nearest = next(one for one in (self.directory, *self.directory.parents) if one.exists())
        if not nearest.is_dir():
            return f"{nearest} is no directory."
        return None if os.access(nearest, os.R_OK | os.W_OK | os.X_OK) else f"{nearest} may not be written to."

    def _write_all(self, owner: str, data: dict[str, bytes]) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory = self.directory
        for part in owner.split("/"):  # `parents` would make those between with the mode of the process.
            directory = directory / part
            directory.mkdir(mode=0o700, exist_ok=True)
        for digest, one in data.items():
            if not (directory / digest).exists():
                _write(directory, digest, one)

    def _read(self, claim: StorageDriverClaim) -> bytes:
        """A reference is data that others have written: it names no path outside."""
        owner, digest = claim.claim_data.get("owner", ""), claim.claim_data.get("sha256", "")
        if not _DIGEST.fullmatch(digest) or not _is_place(owner):
            raise BlobLost(f"{claim.claim_data!r} is no reference to a stored payload.")
        path = self.directory / owner / digest
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise BlobLost(
                f"The stored payload {path} of workflow {_named(owner)} is not there. Bring the file back from a "
                "backup, or name the directory that has it (AGNO_TEMPORAL_EXTERNAL_STORAGE)."
            ) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise BlobLost(f"The stored payload {path} was changed. Bring the file back from a backup.")
        return data

    def _forget(self, owner: str) -> int:
        directory = self.directory / owner
        if not directory.is_dir():
            return 0
        count = sum(1 for _ in directory.iterdir())
        shutil.rmtree(directory)
        return count


def _write(directory: Path, name: str, data: bytes) -> None:
    """Whole or not at all, whatever dies."""
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=directory)  # It has mode 0600.
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, directory / name)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    if os.name == "posix":
        entry = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)


def _owner(context: StorageDriverStoreContext) -> str:
    match context.target:
        case StorageDriverWorkflowInfo(namespace=namespace, id=str() as workflow_id):
            return _place(namespace, workflow_id)
        case StorageDriverActivityInfo(namespace=namespace, id=str() as activity_id):
            return _place(namespace, f"activity {activity_id}")
        case _:
            return _place("", "")


def _place(namespace: str, workflow_id: str) -> str:
    """A directory's name for anything that may be an id, and for nothing else.

    >>> _place("default", "run-1")
    'default/run-1'
    >>> _place("default", "../../etc").startswith("default/.sha256-")
    True
    """
    return f"{_harmless(namespace)}/{_harmless(workflow_id)}"


def _harmless(name: str) -> str:
    if _OWNER.fullmatch(name) and not name.startswith("."):
        return name
    return f".sha256-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()}"


def _is_place(owner: str) -> bool:
    parts = owner.split("/")
    return len(parts) == 2 and all(_OWNER.fullmatch(part) and part not in (".", "..") for part in parts)


def _named(owner: str) -> str:
    return repr(owner.partition("/")[2])
