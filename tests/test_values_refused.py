"""An object that would not come back whole is refused, and the error names the field and the remedy."""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import pydantic
import pytest
from pydantic import BaseModel, Field

from agno_temporal.agno_bridge.values import NotSerialisable, decode, encode

T = TypeVar("T")


class Owner(BaseModel):
    name: str
    mail: str | None = None


class Order(BaseModel, extra="allow"):
    id: int


class Page(BaseModel, Generic[T]):
    items: list[T]


class Hidden(BaseModel):
    token: str = Field(default="", exclude=True)


@pydantic.dataclasses.dataclass
class HiddenToo:
    token: str = Field(default="", exclude=True)


@dataclass
class Table(dict[str, int]):
    name: str = ""


@dataclass
class Lease:
    path: str

    def __del__(self) -> None: ...


Renamed = type("Other", (BaseModel,), {"__module__": __name__})


def local_class() -> Any:
    class Local(BaseModel):
        pass

    return Local()


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (local_class(), "Define it at module level"),
        (Renamed(), "Define it at module level"),
        (Page[Any](items=[local_class()]), "Define it at module level"),
        (Page[type(local_class())](items=[]), "Define it at module level"),
        (Page[Literal["a"]](items=["a"]), "class Orders"),
        (Owner.model_construct(mail="x"), "never set"),
        (Hidden(token="t"), "exclude=True"),
        (HiddenToo(token="t"), "exclude=True"),
        (Table(name="x"), "builtin"),
        (Lease("x"), "__del__"),
        (Order, "Return its name"),
    ],
)
def test_an_object_that_would_not_come_back_is_refused(value: object, remedy: str) -> None:
    with pytest.raises(NotSerialisable) as refused:
        encode(value)
    assert remedy in refused.value.remedy


def test_a_refusal_names_the_field() -> None:
    order = Order(id=1, steps=[1, print])
    with pytest.raises(NotSerialisable) as refused:
        encode(Page[Order](items=[order]), "content")
    assert refused.value.where == "content.items[0].steps[1]"


def test_an_excluded_field_at_its_default_is_no_obstacle() -> None:
    assert decode(encode(Hidden())) == Hidden()
    assert decode(encode(HiddenToo())) == HiddenToo()
