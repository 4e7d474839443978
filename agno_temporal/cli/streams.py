"""The streams of a command: a script may have closed one, and not every one can show every character.

Python has None for a stream that is closed, and every command would end with a traceback. And a character that stdout
cannot encode, half an emoji in a model's answer or anything beyond ASCII where the locale is C, would make a run
unshowable. So what is closed leads nowhere, and such a character is written as its escape, which JSON reads as well.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper


def open_streams() -> None:
    """Make the three streams of this process fit for whatever a command reads and writes."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 It stays to the end.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
