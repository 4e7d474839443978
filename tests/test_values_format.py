"""The written form is persisted data: a history of last year is read with it. A pin that breaks is a broken history."""

import enum
import math
from collections import namedtuple
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import ip_address, ip_interface, ip_network
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from agno.utils.timer import Timer
from pydantic import BaseModel, HttpUrl, PrivateAttr, RootModel

from agno_temporal.agno_bridge.value_classes import CLASS_KINDS
from agno_temporal.agno_bridge.value_kinds import READ_LEAF
from agno_temporal.agno_bridge.values import decode, encode
from tests.test_values import same

T = TypeVar("T")
HERE = __name__


class Colour(enum.Enum):
    RED = "red"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Order(BaseModel, extra="allow"):
    id: int
    note: str = ""
    _seen: int = PrivateAttr(default=0)


class Page(BaseModel, Generic[T]):
    items: list[T]


class Ids(RootModel[list[int]]):
    pass


Point = namedtuple("Point", "x y")


@dataclass
class Line:
    sku: str
    price: float = field(init=False)

    def __post_init__(self) -> None:
        self.price = 1.5
        self.beside = 2


PINNED: list[tuple[object, Any]] = [
    (math.nan, {"$type": "float", "value": "nan"}),
    (-math.inf, {"$type": "float", "value": "-inf"}),
    (1 << 2048, {"$type": "int", "value": "0x1" + "0" * 512}),
    ("\udce9", {"$type": "str", "value": "7bOp"}),
    (b"ab", {"$type": "bytes", "value": "YWI="}),
    (bytearray(b"ab"), {"$type": "bytearray", "value": "YWI="}),
    (date(2024, 5, 1), {"$type": "date", "value": "2024-05-01"}),
    (datetime(2024, 5, 1, tzinfo=UTC), {"$type": "datetime", "value": "2024-05-01T00:00:00+00:00"}),
    (
        datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1),
        {"$type": "datetime", "value": "2024-10-27T02:30:00+01:00", "zone": "Europe/Paris", "fold": 1},
    ),
    (time(9, tzinfo=ZoneInfo("Europe/Paris")), {"$type": "time", "value": "09:00:00", "zone": "Europe/Paris"}),
    (timedelta(hours=-1, microseconds=1), {"$type": "timedelta", "value": "-PT3599.999999S"}),
    (Decimal("1.50"), {"$type": "decimal", "value": "1.50"}),
    (UUID(int=1), {"$type": "uuid", "value": "00000000-0000-0000-0000-000000000001"}),
    (Path("/a"), {"$type": "path", "value": "/a"}),
    (PurePosixPath("/a"), {"$type": "posix_path", "value": "/a"}),
    (PureWindowsPath("C:/a"), {"$type": "windows_path", "value": "C:\\a"}),
    (ip_address("10.0.0.1"), {"$type": "IPv4Address", "value": "10.0.0.1"}),
    (ip_address("::1"), {"$type": "IPv6Address", "value": "::1"}),
    (ip_network("10.0.0.0/8"), {"$type": "IPv4Network", "value": "10.0.0.0/8"}),
    (ip_network("fe80::/10"), {"$type": "IPv6Network", "value": "fe80::/10"}),
    (ip_interface("10.0.0.1/8"), {"$type": "IPv4Interface", "value": "10.0.0.1/8"}),
    (ip_interface("fe80::1/10"), {"$type": "IPv6Interface", "value": "fe80::1/10"}),
    ((1, "a"), {"$type": "tuple", "items": [1, "a"]}),
    ({10, 9}, {"$type": "set", "items": [10, 9]}),
    (frozenset({"b", "a"}), {"$type": "frozenset", "items": ["a", "b"]}),
    ({2: "b", 1: "a"}, {"$type": "dict", "items": [[2, "b"], [1, "a"]]}),
    ({"$type": "x"}, {"$type": "dict", "items": [["$type", "x"]]}),
    (Colour.RED, {"$type": "enum", "class": f"{HERE}:Colour", "data": {"name": "RED", "value": "red"}}),
    (Access(3), {"$type": "enum", "class": f"{HERE}:Access", "data": {"value": 3}}),
    (
        Order(id=1, more=2),
        {
            "$type": "model",
            "class": f"{HERE}:Order",
            "data": {"id": 1, "note": ""},
            "extra": {"more": 2},
            "private": {"_seen": 0},
            "unset": ["note"],
        },
    ),
    (
        Page[int](items=[1]),
        {"$type": "model", "class": {"generic": f"{HERE}:Page", "args": ["builtins:int"]}, "data": {"items": [1]}},
    ),
    (Ids([1]), {"$type": "root_model", "class": f"{HERE}:Ids", "data": {"root": [1]}}),
    (Point(1, 2), {"$type": "namedtuple", "class": f"{HERE}:Point", "data": {"x": 1, "y": 2}}),
    (
        Line("a"),
        {
            "$type": "dataclass",
            "class": f"{HERE}:Line",
            "data": {"sku": "a", "price": 1.5},
            "attributes": {"beside": 2},
        },
    ),
    (
        HttpUrl("https://a.b/c"),
        {"$type": "url", "class": "pydantic.networks:HttpUrl", "data": {"url": "https://a.b/c"}},
    ),
]


@pytest.mark.parametrize(("value", "written"), PINNED, ids=[written["$type"] for _, written in PINNED])
def test_the_written_form_stays(value: object, written: Any) -> None:
    assert encode(value) == written
    assert same(decode(written), value)


def test_a_timer_is_its_seconds() -> None:
    timer: Any = decode({"$type": "timer", "elapsed": 2.5})
    assert type(timer) is Timer
    assert timer.elapsed == 2.5
    assert encode(Timer()) == {"$type": "timer", "elapsed": None}


def test_every_tag_is_pinned() -> None:
    pinned = {written["$type"] for _, written in PINNED}
    assert pinned | {"timer"} == {*READ_LEAF, *CLASS_KINDS, "tuple", "set", "frozenset", "dict"}
