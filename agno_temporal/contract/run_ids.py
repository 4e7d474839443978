"""The ids that a new run may have, wherever somebody is there to be told.

Temporal takes nearly any text, and so does whoever starts runs in Python. But a run is also reached by an address and
by a command. A server decodes an address before it takes it apart, so that a slash ends an id, written as ``%2F`` too;
what sends it takes ``.`` and ``..`` for steps in a path; and a command takes for an option what begins with a hyphen.
"""

from __future__ import annotations

import re
from typing import Final

MAX_RUN_ID: Final = 255

RUN_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._:@~=+-]*$"

RULE: Final = f"at most {MAX_RUN_ID} letters, digits and ._:@~=+-, beginning with a letter or a digit"


def is_plain(run_id: str) -> bool:
    """
    >>> [is_plain(one) for one in ("release-15", "a/b", "..", "-1", "r\\n")]
    [True, False, False, False, False]
    """
    return len(run_id) <= MAX_RUN_ID and re.fullmatch(RUN_ID, run_id) is not None
