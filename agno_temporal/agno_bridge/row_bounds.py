"""How large a run's row is: PostgreSQL's jsonb takes 256 MB together, and refuses what is more.

With external storage a run may return as much, at once or in many texts that are small each. Its end is written until
it is, so that a row which cannot be written would hold up the run for ever. So the largest texts of such a row are left
out of it, the largest first, until it fits: the run itself has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

SMALL: Final = 1_000
"""Bytes. Texts that have no more stay: among them are the ids (`store.MAX_ID_BYTES`)."""

MOST: Final = 250_000_000
"""What the row may have together. jsonb takes 268,435,455 bytes."""

_BESIDE: Final = 24
"""What jsonb takes for most numbers, and more than it takes beside a text."""


def fitting(row: dict[str, Any]) -> dict[str, Any]:
    """The row of plain JSON, cut in place."""
    excess = sum(_BESIDE + _bytes(key) + _bytes(item) for _, key, item in _items(row)) - MOST
    if excess <= 0:
        return row
    texts = [(size, holder, key) for holder, key, item in _items(row) if (size := _bytes(item)) > SMALL]
    for size, holder, key in sorted(texts, key=lambda one: one[0], reverse=True):
        holder[key] = f"({_shown(size)}, in the run)"
        excess -= size - len(holder[key])
        if excess <= 0:
            break
    return row


def _items(value: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Whatever is in it, however deep, with what holds it and where."""
    holders = [value]
    while holders:
        holder = holders.pop()
        for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if isinstance(item, dict | list):
                holders.append(item)
            yield holder, key, item


def _bytes(value: Any) -> int:
    """Of a text. Whatever else there is takes no more than `_BESIDE`."""
    if not isinstance(value, str):
        return 0
    return len(value) if value.isascii() else len(value.encode())


def _shown(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} KB"
