"""How data is written into Temporal: what the environment says about encryption and external storage.

Every process of a deployment needs the same: who has no key, or another storage, reads nothing, and its runs wait. So
both are settings, and the commands, the drop-in object, `embedded()` and the API all take them from here.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from temporalio.converter import DataConverter, ExternalStorage, StorageDriver

from agno_temporal.connect.bad_setting import BadSetting
from agno_temporal.connect.blobs import FileStorage
from agno_temporal.connect.encryption import keys_of
from agno_temporal.connect.misspelt import settings_of
from agno_temporal.connect.opening import encrypted, heedful
from agno_temporal.contract.sealed import VARIABLE as KEYS

STORAGE: Final = "AGNO_TEMPORAL_EXTERNAL_STORAGE"
THRESHOLD: Final = "AGNO_TEMPORAL_EXTERNAL_STORAGE_THRESHOLD"

_OURS: Final = "AGNO_TEMPORAL_"

_BEGINNINGS: Final = {f"{_OURS}ENCRYPT": (KEYS,), f"{_OURS}EXTERNAL": (STORAGE, THRESHOLD)}
"""How the names of these settings begin, and those there are. Without them data is in plain, and nothing fails."""

DEFAULT_THRESHOLD: Final = 256 * 1024


def data_converter_from_environment(
    converter: DataConverter = DataConverter.default, environment: Mapping[str, str] = os.environ
) -> DataConverter:
    """A data converter, with the encryption and the external storage of the environment.

    Args:
        converter: What it is made of: yours, with its own converters and codec, which stay.

    Raises:
        BadSetting: A setting is wrong or misspelt, or what it needs is not installed.

    Example:
        client = await Client.connect("localhost:7233", data_converter=data_converter_from_environment())
    """
    for beginning, known in _BEGINNINGS.items():
        settings_of(environment, beginning, known)
    keys, storage = environment.get(KEYS, "").strip(), environment.get(STORAGE, "").strip()
    converter = encrypted(converter, keys_of(keys)) if keys else heedful(converter)
    threshold = environment.get(THRESHOLD, "").strip()
    if not storage and threshold:
        raise BadSetting(f"{THRESHOLD} is set, and no external storage: everything stays in Temporal. Set {STORAGE}.")
    if not storage:
        return converter
    if converter.external_storage is not None:
        raise BadSetting(f"{STORAGE} is set, and the data converter has an external storage of its own. Use one.")
    return dataclasses.replace(
        converter,
        external_storage=ExternalStorage(drivers=[driver_at(storage)], payload_size_threshold=_threshold(threshold)),
    )


def driver_at(url: str) -> StorageDriver:
    """The driver of Temporal's External Storage for an address.

    Args:
        url: ``file:///directory``, ``s3://bucket`` or ``gs://bucket``.

    Raises:
        BadSetting: It is none of these, or what it needs is not installed.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "file" if parts.path.startswith("/") and not parts.netloc and not parts.query:
            return FileStorage(unquote(parts.path))
        case "s3" | "gs" if parts.netloc and parts.path in ("", "/") and not parts.query:
            from agno_temporal.connect.buckets import bucket_driver

            return bucket_driver(parts.scheme, parts.netloc)
    raise BadSetting(f"{STORAGE}={url!r} is none of file:///directory, s3://bucket and gs://bucket.")


def _threshold(text: str) -> int:
    if not text:
        return DEFAULT_THRESHOLD
    if not text.isdecimal() or not 1024 <= int(text) <= 1_900_000:
        raise BadSetting(f"{THRESHOLD}={text!r} is no number of bytes from 1024 to 1900000.")
    return int(text)
