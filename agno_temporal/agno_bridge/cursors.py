"""Where a page of a list begins, as a text that a caller hands back.

It is a caller's text like any other: it may be no JSON at all, nested so deep that reading it fails, or hold what no
column of a database takes and so none ever gave. All of that is the same to a caller, a cursor that is none.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from agno_temporal.agno_bridge.row_values import row_value


class BadCursor(ValueError):
    """This is no cursor of ours."""


def write_cursor(content: Any) -> str:
    """JSON data as a text that an address takes as it is.

    >>> read_cursor(write_cursor([7, "r-1"]))
    [7, 'r-1']
    """
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Any:
    """What was written; None for what never was. Its form is the caller's to check."""
    try:
        content = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return content if content == row_value(content, strict_text=True) else None
    except (binascii.Error, ValueError, RecursionError):
        return None
