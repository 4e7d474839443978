"""stdout, which is the command's alone.

An app may print when it is loaded, and agno and its libraries when it is used: all of that stood before the document of
``--json``, and before a new key. So a command puts stdout aside and prints to it by name, and whatever is printed by
anybody else stands on stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_aside: TextIO | None = None


@contextmanager
def put_aside() -> Iterator[None]:
    """For the length of a block, stdout is where `ours` says, and for everybody else stderr is."""
    global _aside
    _aside, sys.stdout = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout, _aside = _aside, None


def ours() -> TextIO:
    """Where a command prints."""
    return _aside or sys.stdout
