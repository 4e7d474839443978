"""JSON that somebody typed, or wrote into a file.

Python reads more than JSON is: NaN, numbers without end and halves of characters, which no API can be sent. And of what
is nested deeper than its stack, it says so in an error of its own. All of that is no JSON here, so that it is refused
where it was given, before anything is sent.
"""

from __future__ import annotations

import json
from typing import Any


def from_json_text(text: str) -> Any:
    """What a JSON text says.

    Raises:
        ValueError: It is none.
    """
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return found
