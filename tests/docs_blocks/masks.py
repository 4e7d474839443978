"""What a page shows, held against what came: all of it but what differs from one run to the next."""

from __future__ import annotations

import json
import re
from typing import Any

_VARIES = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\b[0-9a-f]{12,64}\b", "<id>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d| UTC)?", "<time>"),
    (r"(\d\d-\d\d )?\d\d:\d\d:\d\dZ?", "<time>"),
    (r"\b\d+(\.\d+)? ?(ms|s|min|h|d)\b( \d+ ?(ms|s|min|h|d)\b)*", "<span>"),
    (r"127\.0\.0\.1:\d+", "<address>"),
    (r"\s+", " "),
)


def masked(text: str) -> str:
    """
    >>> masked("Recorded at 2026-11-27 14:02:11 UTC,  3 min 2 s left")
    'Recorded at <time>, <span> left'
    """
    for pattern, mask in _VARIES:
        text = re.sub(pattern, mask, text)
    return text.strip()


def difference(shown: str, came: str) -> str | None:
    """The first line that is shown and did not come. A line of dots stands for any lines.

    >>> difference("one\\n...\\nfour", "one\\ntwo\\nthree\\nfour")
    >>> difference("one\\ntwo", "one\\nthree")
    "'two' is shown, and 'three' came"
    """
    wanted = [masked(line) for line in shown.splitlines() if line.strip()]
    given = [masked(line) for line in came.splitlines() if line.strip()]
    elided = False
    for line in wanted:
        if line == "...":
            elided = True
            continue
        while elided and given and given[0] != line:
            given.pop(0)
        elided = False
        if not given or given[0] != line:
            return f"{line!r} is shown, and {given[0] if given else 'nothing more'!r} came"
        given.pop(0)
    return None if elided or not given else f"{given[0]!r} came, and is not shown"


def json_difference(shown: Any, came: Any, place: str = "$") -> str | None:
    """The first thing of a shown document that the real one does not have. It may have more.

    Texts are compared but for what varies, numbers only by their type.

    >>> json_difference({"status": "PAUSED", "at": 3}, {"status": "PAUSED", "at": 7, "more": True})
    >>> json_difference({"steps": [{"nme": "a"}]}, {"steps": [{"name": "a"}]})
    "$.steps[0] has no 'nme'"
    """
    match shown, came:
        case dict(), dict():
            for key in shown:
                if key not in came:
                    return f"{place} has no {key!r}"
                if (found := json_difference(shown[key], came[key], f"{place}.{key}")) is not None:
                    return found
            return None
        case list(), list():
            if len(shown) > len(came):
                return f"{place} has {len(came)} entries, and {len(shown)} are shown"
            found_all = (json_difference(one, came[index], f"{place}[{index}]") for index, one in enumerate(shown))
            return next((found for found in found_all if found is not None), None)
        case str(), str():
            return None if masked(shown) == masked(came) else f"{place} is {came!r}"
        case (bool() | None, _) | (_, bool() | None):
            return None if shown is came else f"{place} is {json.dumps(came)}"
        case int() | float(), int() | float():
            return None
    return f"{place} is {json.dumps(came)}"
