"""What an activity may answer: Temporal takes 2 MB in a payload, unless external storage takes it.

The SDK would fail the attempt as one to be tried again, and of a local activity the whole workflow task, for ever. So
what is answered is measured before, as it will be written: text beyond ASCII takes up to three times its UTF-8.
"""

from __future__ import annotations

import json

from temporalio import activity

from agno_temporal.plan.data import Json

MAX_RESULT_BYTES = 1_900_000
"""The rest is for a codec."""


def size_of(data: Json) -> int:
    """The bytes of what is written."""
    return len(json.dumps(data))


def is_too_large(size: int) -> bool:
    """Whether an answer of so many bytes cannot be kept."""
    return size > MAX_RESULT_BYTES and activity.client().data_converter.external_storage is None
