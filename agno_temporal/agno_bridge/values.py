"""Values: why what a step returned comes back from history with its type.

A step's output crosses Temporal as JSON before the next step sees it. Left to a JSON encoder, a datetime arrives as
text and a model as a dict, and the next step, which worked in plain agno, breaks on Temporal only. Reading types back
has the opposite danger: a payload can be written by whoever reaches the server, and a reader that believes it imports a
module, or makes an object, of the writer's choice.

So plain JSON stays as it is, readable in Temporal's UI, and everything else is a tagged object::

    {"$type": "model", "class": "shop.orders:Order", "data": {"id": 7, "due": {"$type": "date", "value": "2024-05-01"}}}

A dict that is no plain JSON object (keys that are not text, or the key ``$type``) is written as pairs, so that data is
never mistaken for a tag. The writer refuses what would not come back the same, and says where it is and what to return
instead. The reader builds only kinds that it knows, of classes that are loaded.

Tags and their keys are persisted data: one may be added, none may change. Temporal's own JSON converter sorts the keys
of every object, and with them the order of the user's dicts: use one that does not sort.
"""

from __future__ import annotations

from collections.abc import Mapping

from agno_temporal.agno_bridge.value_names import Json, TypeNotLoaded
from agno_temporal.agno_bridge.value_reader import MalformedValue, Reader
from agno_temporal.agno_bridge.value_writer import MAX_DEPTH, NotSerialisable, Writer

__all__ = ["MAX_DEPTH", "Json", "MalformedValue", "NotSerialisable", "TypeNotLoaded", "decode", "encode", "encode_each"]


def encode(value: object, where: str = "value") -> Json:
    """The value as JSON data, from which ``decode`` makes an equal value of the same type.

    Text is returned as it is, without a copy.

    >>> encode({"paid": True, "tags": {"new"}})
    {'paid': True, 'tags': {'$type': 'set', 'items': ['new']}}

    Args:
        value: What a step returned, or a run takes.
        where: What to call it in an error.

    Raises:
        NotSerialisable: It, or a part of it, would not come back as it is.
    """
    return Writer(where).write_or_refuse(value)


def encode_each(values: Mapping[str, object], where: str) -> dict[str, Json]:
    """The values of a form, each as ``encode`` writes it. `where` stands before a field's name in an error.

    Raises:
        NotSerialisable: As ``encode``.
    """
    return {name: encode(value, f"{where}{name}") for name, value in values.items()}


def decode(data: Json, lenient: bool = False) -> object:
    """The value that ``encode`` was given. Safe on any input; imports nothing.

    >>> decode({"$type": "tuple", "items": [1, 2]})
    (1, 2)

    Args:
        data: What ``encode`` returned, here or in another process.
        lenient: For readers without the user's code. An object whose class is not loaded, or no longer fits, becomes
            a dict of its fields, an enum member its value, a root model its root, a moment in a time zone that this
            machine lacks its text; and a set, or a dict, that cannot hold such an item becomes a list.

    Raises:
        TypeNotLoaded: A class is not loaded in this process. Never when lenient.
        MalformedValue: The data is not what ``encode`` writes, or the class has changed too much since.
    """
    return Reader(lenient).read_or_refuse(data)
