"""Kinds of values without parts: a date, a UUID or bytes as JSON, and exactly back.

JSON has six types, and what ``json.dumps`` does to the others is silent: a date comes back as text, NaN is written as
no JSON at all, a lone surrogate (``os.listdir`` and broken model output both make them) cannot be encoded as UTF-8, and
an integer of more than 4,300 digits raises in the reader (``sys.set_int_max_str_digits``).

So each type here is one row: its tag, and a function in each direction. Types match exactly, since a subclass
would come back as its base. Readers raise any exception on data that no writer makes; ``values`` gives it one name.
"""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from agno.utils.timer import Timer

from agno_temporal.agno_bridge.value_names import CannotWrite, Json
from agno_temporal.plan.tagged import IP_TYPES, READ_TEXT, TAG, Fields, read_elapsed, read_text

LARGEST_PLAIN_INT_BITS = 2_048  # 617 digits; the least limit that Python lets anyone set is 640


@dataclass(frozen=True)
class LeafKind:
    """A type whose values have no parts of their own, its tag, and its two directions."""

    tag: str
    cls: type
    write: Callable[[Any], Fields]
    read: Callable[[Fields], object]

    def tagged(self, value: object) -> Json:
        return {TAG: self.tag, **self.write(value)}


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold it, which a lone surrogate cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _write_str(value: str) -> Json:
    return value if is_unicode(value) else _SURROGATES.tagged(value)


def _write_int(value: int) -> Json:
    return value if value.bit_length() <= LARGEST_PLAIN_INT_BITS else _LARGE_INT.tagged(value)


def _write_float(value: float) -> Json:
    return value if math.isfinite(value) else _SPECIAL_FLOAT.tagged(value)


def _unchanged(value: Any) -> Json:
    return value  # type: ignore[no-any-return]


def _text_kind(
    tag: str, cls: type, write: Callable[[Any], str], read: Callable[[str], object] | None = None
) -> LeafKind:
    """A kind that is one text; its reader is of the table that needs no library, or its own."""
    made = READ_TEXT[tag] if read is None else read
    return LeafKind(tag, cls, lambda value: {"value": _write_str(write(value))}, lambda fields: made(read_text(fields)))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _duration(value: timedelta) -> str:
    """ISO 8601, in seconds with all six decimals."""
    seconds, microseconds = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    return f"{'-' if value < timedelta(0) else ''}PT{seconds}.{microseconds:06}S"


@functools.cache
def _zones() -> frozenset[str]:
    """The names that may be given to ``ZoneInfo``, which opens files, and imports packages of tzdata, by name."""
    return frozenset(available_timezones())


def _write_moment(value: datetime | time) -> Fields:
    """The text with its offset, for people; the zone's name and the fold where the offset does not say it all."""
    fields: Fields = {"value": value.isoformat()}
    if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key in _zones():
        fields["zone"] = value.tzinfo.key
    elif value.tzinfo is not None and value.utcoffset() is None:
        raise CannotWrite("Its time zone has no name and no fixed offset. Use a ZoneInfo of the database, or UTC.")
    if value.fold:
        fields["fold"] = 1
    return fields


def _zone_and_fold(fields: Fields, written: tzinfo | None) -> dict[str, Any]:
    fold = 1 if fields.get("fold") else 0
    match fields.get("zone"):
        case None:
            return {"tzinfo": written, "fold": fold}
        case str(zone) if zone in _zones():
            return {"tzinfo": ZoneInfo(zone), "fold": fold}
        case zone:
            raise ZoneInfoNotFoundError(f"this machine has no time zone {zone!r}: install tzdata")


def _read_datetime(fields: Fields) -> datetime:
    value = datetime.fromisoformat(read_text(fields))
    return value.replace(**_zone_and_fold(fields, value.tzinfo))


def _read_time(fields: Fields) -> time:
    value = time.fromisoformat(read_text(fields))
    return value.replace(**_zone_and_fold(fields, value.tzinfo))


def _write_timer(value: Timer) -> Fields:
    """What agno's metrics carry. Its clock readings mean nothing in another process, so a running one stops here."""
    ran = value.start_time is not None or value.elapsed_time is not None
    return {"elapsed": value.elapsed if ran else None}


def _read_timer(fields: Fields) -> Timer:
    timer = Timer()  # type: ignore[no-untyped-call]
    if (elapsed := read_elapsed(fields)) is not None:
        timer.elapsed_time = elapsed
    return timer


_SURROGATES = _text_kind("str", str, lambda value: _base64(value.encode("utf-8", "surrogatepass")))
_LARGE_INT = _text_kind("int", int, hex)
_SPECIAL_FLOAT = _text_kind("float", float, str)

TAGGED_ALWAYS: Final = (
    LeafKind("datetime", datetime, _write_moment, _read_datetime),
    LeafKind("time", time, _write_moment, _read_time),
    _text_kind("date", date, date.isoformat),
    _text_kind("timedelta", timedelta, _duration),
    _text_kind("decimal", Decimal, str),
    _text_kind("uuid", UUID, str),
    _text_kind("bytes", bytes, _base64),
    _text_kind("bytearray", bytearray, _base64),
    _text_kind("path", type(Path()), str, Path),
    _text_kind("posix_path", PurePosixPath, str, PurePosixPath),
    _text_kind("windows_path", PureWindowsPath, str, PureWindowsPath),
    *(_text_kind(cls.__name__, cls, str) for cls in IP_TYPES),
    LeafKind("timer", Timer, _write_timer, _read_timer),
)

WRITE_LEAF: Final[dict[type, Callable[[Any], Json]]] = {
    type(None): _unchanged,
    bool: _unchanged,
    str: _write_str,
    int: _write_int,
    float: _write_float,
    **{kind.cls: kind.tagged for kind in TAGGED_ALWAYS},
}

READ_LEAF: Final[dict[str, Callable[[Fields], object]]] = {
    kind.tag: kind.read for kind in (_SURROGATES, _LARGE_INT, _SPECIAL_FLOAT, *TAGGED_ALWAYS)
}
