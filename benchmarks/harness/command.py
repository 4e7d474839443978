"""What the commands that measure have in common: which of several, and how much of each."""

from __future__ import annotations

import argparse
from collections.abc import Iterable


def asked(parser: argparse.ArgumentParser, kind: str, names: Iterable[str]) -> tuple[list[str], argparse.Namespace]:
    """The names that were asked for, all by default, and whatever was given. What makes no sense ends the command.

    Args:
        kind: What a name is one of.
    """
    known = [*names]
    parser.add_argument("--only", metavar="NAME,...", help=f"some of: {', '.join(known)}")
    parser.add_argument("--share", type=int, default=100, help="of the repetitions within a round, in percent")
    parser.add_argument("--small", action="store_true", help="small sizes: it runs, and its figures mean little")
    given = parser.parse_args()
    chosen = given.only.split(",") if given.only else known
    if unknown := [name for name in chosen if name not in known]:
        parser.error(f"no {kind} {unknown[0]!r}; there are {', '.join(known)}")
    if not 1 <= given.share <= 100:
        parser.error("--share is from 1 to 100")
    return chosen, given
