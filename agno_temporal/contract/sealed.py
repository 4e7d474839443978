"""Payloads that are encrypted, and what nobody can open.

A key that is missing must cost time and nothing else. A run request that is taken for nonsense ends its run, and a
decision that is taken for nonsense is refused, for good; and the key may be back in an hour. So what is encrypted and
cannot be opened is never an answer: reading it raises `Unopened`, a workflow task fails and is tried again, a step is
blocked, and whoever reads is told which key it was.

The codec marks such a payload and hands it on, because one that raises would fail the whole workflow task for an update
that anybody may send. A process without keys has no codec, and sees the payload as it is; it is known by its encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SEALED: Final = b"binary/agno-temporal-sealed"
"""The encoding of an encrypted payload: persisted data."""

KEY_ID: Final = "encryption-key-id"
"""Metadata: which key it was encrypted with. Persisted data."""

UNOPENED: Final = b"binary/agno-temporal-unopened"
"""The encoding of one that the codec could not open. Never written anywhere."""

REASON: Final = "unopened-because"
"""Its metadata: why not."""

IN_PLAIN: Final = "agno-temporal-in-plain"
"""Metadata of a payload that is not to be encrypted: it holds no more than a count. Persisted data."""

HIDDEN: Final = "Encoded failure"
"""What stands in place of a failure's message that is encrypted (temporalio/converter/_failure_converter.py)."""

UNDECODED: Final = "Failed decoding arguments"
"""What the SDK says of a question that it cannot read (temporalio/worker/_workflow_instance.py:2440)."""

VARIABLE: Final = "AGNO_TEMPORAL_ENCRYPTION_KEYS"


class Unreadable(Exception):
    """Something that was written cannot be read here and now. The message says what, and what is missing."""


class Unopened(Unreadable):
    """It is encrypted, and this process has not the key."""


def why_unopened(metadata: Mapping[str, bytes]) -> str | None:
    """Why the payload with this metadata cannot be read; None where it is not encrypted."""
    match metadata.get("encoding"):
        case b"binary/agno-temporal-unopened":
            return metadata.get(REASON, b"it cannot be opened").decode(errors="replace")
        case b"binary/agno-temporal-sealed":
            key = metadata.get(KEY_ID, b"").decode(errors="replace")
            return f"it is encrypted with key {key!r}, and this process has no keys. Set {VARIABLE}."
    return None


def refuse_unopened(metadata: Mapping[str, bytes], what: str = "A payload") -> None:
    """
    Raises:
        Unopened: The payload with this metadata is encrypted still.
    """
    if (why := why_unopened(metadata)) is not None:
        raise Unopened(f"{what} cannot be opened: {why}")
