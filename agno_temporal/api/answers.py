"""JSON as it is sent: what a step returned is somebody else's text, and may hold what UTF-8 has no bytes for.

A lone surrogate cannot be encoded, so that a plain encoder fails on a run whose content has one, with an error that no
caller can mend. JSON itself can say it, as an escape.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse


def json_bytes(content: Any) -> bytes:
    """JSON in UTF-8; all in ASCII where that cannot be. NaN and Infinity, which JSON lacks, are their names."""
    try:
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        return json_bytes(json.loads(json.dumps(content), parse_constant=str))


class JsonAnswer(JSONResponse):
    """The answer of every route that answers JSON."""

    def render(self, content: Any) -> bytes:
        return json_bytes(content)
