"""Which rules a form is judged by: those of now, or the first ones, by which decisions in histories were judged.

A signal is judged again in every replay, and so is an update that was taken. Judged by other rules than when it came,
a decision that was refused would be taken there, and one that was taken be refused; either way the run cannot go on. So
the first rules stay. `workflows.gate` says which are meant.
"""

from __future__ import annotations

import enum


class Rules(enum.Enum):
    """FIRST differs in this: no field of a tool's form can be left empty, and a value is of the type that it is written
    in, so that a date is a dict, and infinity no float. And a tool's form takes what no tool can be called with.
    """

    FIRST = "first"
    NOW = "now"
