"""Texts that callers send: ids, names and filters.

A NUL, or half of a surrogate pair, passes through JSON and through Python, and fails where it is written: in a
database's text, in Temporal's messages. So neither is taken anywhere, and each text has a length.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, Field, StringConstraints

from agno_temporal.contract.run_ids import MAX_RUN_ID, RUN_ID

MAX_ID = 255


def _sound(text: str) -> str:
    if "\0" in text or not _is_unicode(text):
        raise ValueError("NUL and lone surrogates are not taken")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID, strict=True), AfterValidator(_sound)]
"""An id that somebody chose, of a session or a user."""

IdPath = Annotated[str, Path(min_length=1, max_length=MAX_ID), AfterValidator(_sound)]
"""The same in an address."""

KEY = "^[!-~]{1,255}$"
"""What an `Idempotency-Key` is made of: a header has no other letters for certain."""

RunId = Annotated[str, StringConstraints(max_length=MAX_RUN_ID, pattern=RUN_ID, strict=True)]
"""A new run's id: what stands in an address as it is."""

Text = Annotated[str, Field(max_length=1_000), AfterValidator(_sound)]

Sound = Annotated[str, AfterValidator(_sound)]
"""A text that is as long as its request may be."""

RunPath = Annotated[Text, Path(description="The run's id.", examples=["release-2041"])]

Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]

Cursor = Annotated[Text | None, Query(description="Of the page before; none begins at the first page.")]
