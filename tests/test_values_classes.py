"""Objects of the user's classes come back whole, and none of the class's code runs on the way."""

import enum
import json
from collections import namedtuple
from dataclasses import InitVar, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, NamedTuple, Optional, TypeVar

import pydantic
import pytest
from agno.media import Audio, File, Image, Video
from agno.metrics import RunMetrics
from agno.models.message import Message
from agno.run.agent import RunOutput
from agno.utils.timer import Timer
from agno.workflow.types import StepInput, StepOutput
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, HttpUrl, PostgresDsn, PrivateAttr, RootModel

from agno_temporal.agno_bridge.values import MAX_DEPTH, MalformedValue, decode, encode

T = TypeVar("T")


def through_history(value: Any) -> Any:
    """With the keys sorted, as Temporal's own converter leaves them: an object's own order is its class's."""
    return decode(json.loads(json.dumps(encode(value, "content"), sort_keys=True)))


def returns(value: Any) -> bool:
    returned = through_history(value)
    return type(returned) is type(value) and bool(returned == value)


class Colour(enum.StrEnum):
    RED = "red"


class Handler(enum.Enum):
    PRINT = (print,)


class Access(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


class Priority(enum.IntEnum):
    HIGH = 3


Point = namedtuple("Point", "x y")


class Span(NamedTuple):
    start: date
    days: int = 1


class Owner(BaseModel):
    name: str = Field(alias="ownerName")
    mail: str | None = None


class Order(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    id: int
    owner: Owner
    colour: Colour = Colour.RED
    tags: set[str] = set()
    _seen: int = PrivateAttr(default=0)
    _lock: str = PrivateAttr()

    @cached_property
    def label(self) -> str:
        return f"{self.id}"


class Page(BaseModel, Generic[T]):
    items: list[T]

    class Cursor(BaseModel):
        after: int


class Orders(RootModel[list[Order]]):
    pass


class Strict(BaseModel):
    password: str

    @pydantic.field_validator("password")
    @classmethod
    def hash_it(cls, value: str) -> str:
        return f"hashed {value}"


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    price: float = field(init=False, default=1.5)


@dataclass
class Basket(Generic[T]):
    lines: list[T]
    rate: InitVar[float] = 0.0
    total: float = field(init=False)
    later: str = field(init=False)

    def __post_init__(self, rate: float) -> None:
        self.total = rate * 2
        self.note = "set beside the fields"

    @cached_property
    def size(self) -> int:
        return len(self.lines)


@pydantic.dataclasses.dataclass
class Parcel:
    weight: int
    due: date = Field(default=date(2024, 1, 1))


class Links(BaseModel):
    model_config = ConfigDict(url_preserve_empty_path=True)

    home: HttpUrl
    database: PostgresDsn


VALUES = [
    Colour.RED,
    Handler.PRINT,
    Access.READ | Access.WRITE,
    Access(0),
    Priority.HIGH,
    Point(1, [2]),
    Span(date(2024, 1, 1)),
    Order(id=1, owner=Owner(ownerName="ana"), surprise={"$type": "x"}, tags={"a"}),
    Page[int](items=[1]),
    Page[Page[Order | None]](items=[]),
    Page[Optional[dict[str, tuple[date, ...]]]](items=[None]),  # noqa: UP045 - another type than `| None` makes
    Page[Any](items=[Page.Cursor(after=1)]),
    RootModel[list[int]]([1]),
    Orders([]),
    Strict(password="x"),
    Line("a"),
    Parcel(weight="3"),
    AnyUrl("https://a.b/c?d=%20#e"),
    Links(home="http://a.b", database="postgres://u:p@h1,h2/db"),
    {Colour.RED: {Line("a"), Span(date(2024, 1, 1))}},
    Image(content=b"\x89PNG", metadata={"page": 1}),
    Audio(content=b"\x00", sample_rate=8_000),
    Video(url="https://a.b/v.mp4"),
    File(filepath=Path("/tmp/a.pdf")),
    Message(role="user", content="hello", images=[Image(content=b"x")]),
    StepOutput(content=Order(id=1, owner=Owner(ownerName="ana")), steps=[StepOutput(content="a")]),
    StepInput(input={"a": 1}, previous_step_outputs={"a": StepOutput(content=b"x", images=[Image(content=b"x")])}),
    RunOutput(content="x", messages=[Message(role="user", content="a")], metrics=RunMetrics(input_tokens=3)),
]


@pytest.mark.parametrize("value", VALUES, ids=[f"{type(value).__name__}-{n}" for n, value in enumerate(VALUES)])
def test_an_object_comes_back_equal_and_of_its_class(value: object) -> None:
    assert returns(value)


def test_a_model_keeps_extras_private_attributes_and_what_was_set() -> None:
    order = Order(id=1, owner=Owner(ownerName="ana"), surprise=b"x")
    order._seen = 7
    assert order.label == "1"
    returned = through_history(order)
    assert returned.__pydantic_extra__ == {"surprise": b"x"}
    assert returned._seen == 7
    assert returned.model_fields_set == order.model_fields_set == {"id", "owner", "surprise"}
    assert returned.owner.model_fields_set == {"name"}
    assert "label" not in vars(returned)


def test_a_dataclass_keeps_what_its_post_init_computed() -> None:
    basket = Basket[str](["a"], rate=2.0)
    assert basket.size == 1
    returned = through_history(basket)
    assert (returned.total, returned.note) == (4.0, "set beside the fields")
    assert not hasattr(returned, "later")
    assert "size" not in vars(returned)


def test_metrics_with_a_running_timer_come_back() -> None:
    metrics = RunMetrics(timer=Timer())
    metrics.start_timer()
    assert through_history(metrics).timer.elapsed > 0


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (Owner(ownerName="ana"), Owner(ownerName="ana")),
        (Line("a"), Line("a")),
        (Parcel(weight=1), Parcel(weight=1)),
        (Span(date(2024, 1, 1)), Span(date(2024, 1, 1))),
    ],
)
def test_a_field_that_a_later_deploy_adds_takes_its_default_and_one_that_it_drops_is_dropped(
    written: object, expected: object
) -> None:
    data: Any = encode(written)
    for added in ("mail", "price", "due", "days"):
        data["data"].pop(added, None)
    data["data"]["dropped"] = 1
    assert decode(data) == expected


@pytest.mark.parametrize("value", [Owner(ownerName="ana"), Line("a"), Parcel(weight=1), Span(date(2024, 1, 1))])
def test_a_field_that_a_later_deploy_adds_without_a_default_says_so(value: object) -> None:
    data: Any = encode(value)
    data["data"] = {}
    with pytest.raises(MalformedValue, match="has no default"):
        decode(data)


class Node(BaseModel):
    next: Optional["Node"] = None


def test_models_nested_to_the_bound_come_back_under_a_deep_stack() -> None:
    node = Node()
    for _ in range(MAX_DEPTH - 1):
        node = Node.model_construct(next=node)

    def below(frames: int) -> Any:
        return below(frames - 1) if frames else through_history(node)

    returned, depth = below(200), 0
    while returned is not None:
        returned, depth = returned.next, depth + 1
    assert depth == MAX_DEPTH
