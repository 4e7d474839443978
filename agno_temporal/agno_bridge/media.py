"""Media: what a step or a caller hands over, written whole or refused.

agno reads media back from JSON and leaves out, with a log line, whatever it cannot read (agno/utils/media.py:265-312);
a text file comes back with its text for bytes. So media that steps produce are written as values, exactly.

A caller in another language sends agno's plain form instead, ``{"url": "..."}`` or base64 in ``content``. agno would
draw a new random id for such an item in every step that reads it. Here the id follows from the item.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID, uuid5

from agno.utils.media import (
    reconstruct_audio_from_dict,
    reconstruct_file_from_dict,
    reconstruct_image_from_dict,
    reconstruct_video_from_dict,
)

from agno_temporal.agno_bridge.values import decode, encode
from agno_temporal.plan.data import Json

MEDIA: Final = ("images", "videos", "audio", "files")
"""The fields that hold media, in `StepInput`, `StepOutput` and `WorkflowRunOutput` alike."""

MEDIA_IDS: Final = UUID("c0d1a2f4-4f0e-4c55-9b7e-3e0a3a6c9f10")
"""The namespace of derived ids. Persisted data: another value gives media of open runs other ids."""

_FROM_DICT: Final[dict[str, Callable[[Any], Any]]] = {
    "images": reconstruct_image_from_dict,
    "videos": reconstruct_video_from_dict,
    "audio": reconstruct_audio_from_dict,
    "files": reconstruct_file_from_dict,
}


def write_media(items: Iterable[Any] | None, where: str) -> Json:
    """A list of media as JSON; None stays None, which agno tells from an empty list."""
    return None if items is None else encode(list(items), where)


def read_media(kind: str, data: Json, lenient: bool = False) -> list[Any] | None:
    """The media that `write_media`, or a caller in another language, wrote.

    Raises:
        ValueError: An item is not of agno's plain form for this kind of media.
    """
    if data is None:
        return None
    items = decode(data, lenient)
    if not isinstance(items, list):
        raise ValueError(f"{kind} is a list, not {type(items).__name__}.")
    return [_plain(kind, index, item) if isinstance(item, dict) else item for index, item in enumerate(items)]


def derived_id(item: dict[str, Any]) -> str:
    """The id of a medium in agno's plain form that says none: the same wherever it is read."""
    return str(uuid5(MEDIA_IDS, json.dumps(item, sort_keys=True, default=str)))


def _plain(kind: str, index: int, item: dict[str, Any]) -> Any:
    medium = _FROM_DICT[kind]({"id": derived_id(item), **item})
    if medium is None:
        raise ValueError(f"{kind}[{index}] needs one of url, filepath and content (base64), and has {list(item)}.")
    return medium
