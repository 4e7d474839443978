"""How large a run's row is: PostgreSQL's jsonb takes 256 MB together, and refuses what is more.

With external storage a run may return as much. Its end is written until it is, so that a row which cannot be written
would hold up the run for ever. So the largest texts of such a row are left out of it, the largest first, until it fits:
the run itself has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

LARGE: Final = 1_000_000
"""Bytes. Texts that are shorter stay."""

MOST: Final = 250_000_000
"""What the large ones may have together; the rest is for all else."""


def fitting(row: dict[str, Any]) -> dict[str, Any]:
    """The row of plain JSON, cut in place."""
    large = sorted(_large(row), key=lambda one: one[0], reverse=True)
    total = sum(size for size, _, _ in large)
    for size, holder, key in large:
        if total <= MOST:
            break
        holder[key] = f"({size / 1e6:.0f} MB, in the run)"
        total -= size
    return row


def _large(value: Any) -> Iterator[tuple[int, Any, Any]]:
    """The size of each large text, with what holds it and where."""
    holders = [value]
    while holders:
        holder = holders.pop()
        for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if isinstance(item, str):
                if len(item) * 4 >= LARGE and (size := len(item.encode())) >= LARGE:
                    yield size, holder, key
            elif isinstance(item, dict | list):
                holders.append(item)
