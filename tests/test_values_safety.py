"""A payload may be anything, and may name classes that this process has not: neither harms the reader."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from agno_temporal.agno_bridge.values import MalformedValue, TypeNotLoaded, decode, encode

T = TypeVar("T")
ROOT = Path(__file__).parent.parent

SHOP = """
import enum, json, sys
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from pydantic import BaseModel, RootModel
from agno_temporal.agno_bridge.values import decode, encode

class Colour(enum.Enum):
    RED = "red"

class Order(BaseModel, extra="allow"):
    id: int
    colour: Colour

class Ids(RootModel[list[int]]): pass

class Span(NamedTuple):
    start: date

@dataclass(frozen=True)
class Line:
    sku: str

VALUE = [
    Order(id=1, colour=Colour.RED, due=date(2024, 5, 1)), Ids([1]), Span(date(2024, 5, 1)),
    {Line("a")}, {Line("a"): 1}, Colour.RED,
]
"""


class Page(BaseModel, Generic[T]):
    items: list[T]


@dataclass
class Lease:
    path: str

    def __del__(self) -> None: ...


def python(code: str, *, path: Path, hash_seed: int = 0) -> Any:
    """The JSON that a fresh interpreter prints."""
    environment = {"PYTHONPATH": f"{ROOT}:{path}", "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop_of_another_process.py").write_text(SHOP)
    return tmp_path


@pytest.fixture
def written(shop: Path) -> Any:
    """What a process writes that has loaded the shop."""
    return python("from shop_of_another_process import *; print(json.dumps(encode(VALUE)))", path=shop)


def test_another_process_with_the_classes_gets_the_same_objects(shop: Path, written: Any) -> None:
    code = f"from shop_of_another_process import *; print(json.dumps(decode({written!r}) == VALUE))"
    assert python(code, path=shop) is True


def test_a_class_that_is_not_loaded_is_named_and_not_imported(
    shop: Path, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(shop)
    with pytest.raises(TypeNotLoaded, match="'Colour' of module 'shop_of_another_process' is not loaded"):
        decode(written)
    assert "shop_of_another_process" not in sys.modules


def test_a_lenient_reader_gets_the_data_without_the_classes(written: Any) -> None:
    order, ids, span, lines, prices, colour = decode(written, lenient=True)
    assert order.keys() == {"id", "colour", "due"}
    assert (order["colour"], str(order["due"])) == ("red", "2024-05-01")
    assert (ids, list(span), colour) == ([1], ["start"], "red")
    assert (lines, prices) == ([{"sku": "a"}], [[{"sku": "a"}, 1]])


def test_a_lenient_reader_gets_the_fields_of_a_class_that_no_longer_fits() -> None:
    data = {"$type": "model", "class": f"{__name__}:Page", "data": {"rows": [1]}}
    assert decode(data, lenient=True) == {"rows": [1]}


def test_a_time_zone_that_this_machine_lacks_is_an_error_or_text() -> None:
    data = {"$type": "datetime", "value": "2024-05-01T00:00:00+01:00", "zone": "Mars/Olympus"}
    with pytest.raises(MalformedValue, match="install tzdata"):
        decode(data)
    assert decode(data, lenient=True) == "2024-05-01T00:00:00+01:00"


def test_a_set_is_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    code = """
import json
from agno_temporal.agno_bridge.values import encode
print(json.dumps(encode({frozenset("abc"), "x", b"y", (1, "z"), None, 2.5})))
"""
    assert python(code, path=tmp_path, hash_seed=1) == python(code, path=tmp_path, hash_seed=2)


class Gate(BaseModel):
    open: bool = False

    def enter(self) -> None: ...


FORGED: list[Any] = [
    {"$type": "model", "class": "os:system", "data": {}},
    {"$type": "model", "class": "subprocess:Popen", "data": {"args": "id"}},
    {"$type": "dataclass", "class": f"{__name__}:Lease", "data": {"path": "/etc"}},
    {"$type": "dataclass", "class": f"{__name__}:Gate", "data": {}},
    {"$type": "enum", "class": f"{__name__}:Gate", "data": {"name": "x"}},
    {"$type": "enum", "class": "enum:Enum", "data": {"name": "x"}},
    {"$type": "model", "class": f"{__name__}:Gate.enter", "data": {}},
    {"$type": "model", "class": f"{__name__}:BaseModel", "data": {}},
    {"$type": "model", "class": "pydantic:BaseModel", "data": {}},
    {"$type": "model", "class": "builtins:type", "data": {}},
    {"$type": "model", "class": {"generic": f"{__name__}:Page", "args": ["subprocess:Popen"]}, "data": {"items": []}},
    {"$type": "model", "class": {"generic": f"{__name__}:Page", "args": []}, "data": {"items": []}},
    {"$type": "model", "class": {"generic": "builtins:list", "args": ["builtins:int"]}, "data": {}},
    {"$type": "model", "class": {"generic": "subprocess:Popen", "args": ["builtins:int"]}, "data": {}},
    {"$type": "model", "class": f"{__name__}:Gate", "data": []},
    {"$type": "model", "class": f"{__name__}:Gate", "data": {}, "unset": [{}]},
    {"$type": "model", "class": 7, "data": {}},
    {"$type": "model", "class": "", "data": {}},
    {"$type": "model"},
    {"$type": "url", "class": "pydantic.networks:HttpUrl", "data": {"url": "file:///etc/passwd"}},
    {"$type": "namedtuple", "class": "builtins:tuple", "data": {}},
    {"$type": "set", "items": [[]]},
    {"$type": "dict", "items": ["ab"]},
    {"$type": "dict", "items": {"a": 1}},
    {"$type": "tuple", "items": 3},
    {"$type": "int", "value": "x"},
    {"$type": "float", "value": "1"},
    {"$type": "str", "value": "//79"},
    {"$type": "timedelta", "value": "PT999999999999999.000000S"},
    {"$type": "decimal", "value": "1e9999999999999999999999"},
    {"$type": "datetime", "value": "2024-01-01", "zone": "../../etc/passwd"},
    {"$type": "bytes", "value": "*"},
    {"$type": "path", "value": 3},
    {"$type": "timer", "elapsed": "soon"},
    {"$type": "no such kind"},
    {"$type": None},
    {"$type": ["model"]},
    (1,),
]


@pytest.mark.parametrize("data", FORGED, ids=str)
def test_a_forged_value_is_malformed(data: Any) -> None:
    with pytest.raises(MalformedValue):
        decode([data])


def test_data_nested_without_end_is_malformed() -> None:
    data: Any = []
    for _ in range(100_000):
        data = [data]
    with pytest.raises(MalformedValue, match="nested"):
        decode(data)


def test_a_field_of_the_payload_cannot_become_a_method() -> None:
    data = {"$type": "model", "class": f"{__name__}:Gate", "data": {"enter": 1, "__class__": 2, "open": True}}
    gate = decode(data)
    assert isinstance(gate, Gate)
    assert vars(gate) == {"open": True}


def test_data_that_looks_like_a_tag_comes_back_as_data() -> None:
    data = {"note": [{"$type": "model", "class": "os:system", "data": {}}]}
    assert decode(encode(data)) == data
    assert decode(encode(encode(data))) == encode(data)


tags = st.sampled_from(
    [
        "model",
        "root_model",
        "dataclass",
        "enum",
        "namedtuple",
        "url",
        "set",
        "dict",
        "tuple",
        "bytes",
        "datetime",
        "timer",
    ]
)
names = st.sampled_from([f"{__name__}:Gate", f"{__name__}:Page", f"{__name__}:Lease", "a:b", "os:system", "None", "|"])
keys = st.sampled_from(
    ["class", "data", "items", "value", "zone", "extra", "private", "attributes", "unset", "generic"]
)


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | names | tags,
        lambda items: (
            st.lists(items)
            | st.dictionaries(keys, items)
            | st.builds(lambda tag, rest: {"$type": tag, **rest}, tags, st.dictionaries(keys, items | names))
        ),
        max_leaves=15,
    ),
    st.booleans(),
)
def test_no_payload_raises_anything_else(data: Any, lenient: bool) -> None:
    try:
        decode(data, lenient=lenient)
    except MalformedValue:
        pass
    except TypeNotLoaded:
        assert not lenient
