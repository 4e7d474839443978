"""What a step returns comes back from history as it was, or is refused where it stands."""

import json
import math
import threading
from collections import OrderedDict, defaultdict
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from ipaddress import ip_address, ip_network
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from agno_temporal.agno_bridge.values import MAX_DEPTH, NotSerialisable, decode, encode


def through_history(value: object) -> Any:
    return decode(json.loads(json.dumps(encode(value), allow_nan=False, ensure_ascii=False).encode()))


def same(left: object, right: object) -> bool:
    """Equal, of the same types at every depth, in the same order; NaN is NaN, and 09:00 in Paris is not 08:00 UTC."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return same(list(left.items()), list(right.items()))
    if isinstance(left, (set, frozenset)) and isinstance(right, (set, frozenset)):
        return {repr(item) for item in left} == {repr(item) for item in right}
    return repr(left) == repr(right)


offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
zones = st.none() | st.timezone_keys(allow_prefix=False).map(ZoneInfo) | offsets
numbers = st.integers() | st.floats() | st.decimals() | st.booleans()
moments = st.datetimes(timezones=zones) | st.dates() | st.times(timezones=zones) | st.timedeltas()
texts = st.text() | st.text(st.characters(categories=["Cs", "Lu"])) | st.binary() | st.binary().map(bytearray)
scalars = st.none() | numbers | moments | texts | st.uuids() | st.ip_addresses()
hashables = st.none() | st.text() | st.integers() | st.binary() | st.uuids() | st.dates()


def containers(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    tables = st.dictionaries(st.text() | st.just("$type"), items) | st.dictionaries(hashables, items)
    rows = st.lists(items) | st.lists(items).map(tuple)
    return rows | tables | st.sets(hashables) | st.frozensets(hashables)


@given(st.recursive(scalars, containers, max_leaves=20))
def test_any_nesting_of_plain_values_comes_back_the_same(value: object) -> None:
    assert same(through_history(value), value)


@given(scalars)
def test_every_scalar_comes_back_the_same(value: object) -> None:
    assert same(through_history(value), value)


@pytest.mark.parametrize(
    "value",
    [
        -0.0,
        math.inf,
        "caf\udce9.txt",
        Path("/tmp/caf\udce9.txt"),
        PurePosixPath("a/b"),
        PureWindowsPath("C:\\a"),
        Decimal("-Infinity"),
        timedelta.min,
        datetime.max.replace(tzinfo=ZoneInfo("America/New_York")),
        datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1),
        time(9, tzinfo=ZoneInfo("Europe/Paris")),
        datetime(2024, 1, 1, tzinfo=UTC),
        ip_network("10.0.0.0/8"),
        {ip_address("::1"), UUID(int=0)},
        {frozenset({1, 2}): {(1, "a"): b"x"}},
        {"$type": "model", "class": "os:system", "data": {}},
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_at_the_edge_come_back_the_same(value: object) -> None:
    assert same(through_history(value), value)


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "x", ["a", {"b": [1]}], {}, {"answer": {"42": None}}], ids=repr)
def test_plain_json_stays_plain_and_readable(value: object) -> None:
    assert encode(value) == value


@pytest.mark.parametrize("digits", [600, 700, 5_000])
def test_an_integer_that_python_would_not_print_comes_back(digits: int) -> None:
    assert through_history([10**digits, -(10**digits)]) == [10**digits, -(10**digits)]


def test_a_long_text_is_not_copied() -> None:
    text = "x" * 60_000
    assert encode(text) is text
    assert decode(text) is text


def test_the_order_of_a_dict_is_kept() -> None:
    assert list(through_history({"b": 1, "a": 2})) == ["b", "a"]
    assert list(through_history({2: "b", 1: "a"})) == [2, 1]


def test_a_value_may_stand_in_two_places() -> None:
    shared = [1]
    assert through_history([shared, shared]) == [[1], [1]]


def test_nesting_to_the_bound_comes_back_and_one_more_is_refused() -> None:
    value: object = "core"
    for _ in range(MAX_DEPTH):
        value = {1: value}
    assert through_history(value) == value
    with pytest.raises(NotSerialisable, match="nested more than 200 levels"):
        encode([value])


def test_a_list_that_contains_itself_is_refused() -> None:
    cycle: list[object] = []
    cycle.append({"again": cycle})
    with pytest.raises(NotSerialisable) as refused:
        encode(cycle, "content")
    assert refused.value.where == "content[0].again"
    assert "contains itself" in refused.value.remedy


def test_a_refusal_says_what_and_where_and_what_to_do() -> None:
    with pytest.raises(NotSerialisable) as refused:
        encode({"items": [1, 2, 3, {"owner": threading.Lock()}]}, "content")
    assert str(refused.value) == (
        "content.items[3].owner is of type _thread.lock, which cannot be kept in Temporal's history. "
        "Return plain data, a dataclass or a pydantic model."
    )


class Euro(float):
    pass


class Broken(tzinfo):
    def utcoffset(self, when: datetime | None) -> timedelta:
        raise OSError("no clock")


@pytest.mark.parametrize(
    ("value", "where", "remedy"),
    [
        ((item for item in "ab"), "value", "list(value)"),
        ({"price": Euro(3)}, "value.price", "float(value)"),
        ({"two words": OrderedDict(a=1)}, "value['two words']", "dict(value)"),
        ({7: defaultdict(list)}, "value[7]", "dict(value)"),
        ([ValueError("no")], "value[0]", "str(error)"),
        ({print: 1}, "value.keys()", "name"),
        ({uuid4(): json}, "value[<UUID>]", "name"),
        ({frozenset({int})}, "value{item}{item}", "name"),
        ((SecretStr("hunter2"),), "value[0]", "secret is stored"),
        ([datetime(2024, 1, 1, tzinfo=Broken())], "value[0]", "no clock"),
        ([time(9, tzinfo=ZoneInfo("posix/Europe/Paris"))], "value[0]", "UTC"),
        (memoryview(b"x"), "value", "bytes(value)"),
        (object(), "value", "plain data"),
    ],
)
def test_what_would_lose_its_type_is_refused_with_a_remedy(value: object, where: str, remedy: str) -> None:
    with pytest.raises(NotSerialisable) as refused:
        encode(value)
    assert refused.value.where == where
    assert remedy in refused.value.remedy


def test_an_open_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file, pytest.raises(NotSerialisable, match="path or what it contains"):
        encode(file)


def test_a_coroutine_is_refused() -> None:
    async def fetch() -> None: ...

    pending = fetch()
    with pytest.raises(NotSerialisable, match="Await it"):
        encode(pending)
    pending.close()


def test_an_agno_timer_keeps_its_seconds() -> None:
    from agno.utils.timer import Timer

    timer = Timer()
    timer.start()
    timer.stop()
    assert through_history(timer).elapsed == timer.elapsed
