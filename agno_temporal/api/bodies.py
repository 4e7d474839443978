"""Request bodies, bounded before anybody parses them.

A body's length is what its sender says it is, or is not said at all; JSON may be nested until a parser's stack ends; a
number may have a million digits. So the bytes are counted as they come, brackets and commas are counted before parsing,
and what is left of the ways to fail is one answer. NaN, Infinity and lone surrogates are not JSON that others can read.

A body of two megabytes may be a text, which costs nothing, or a million values, each of which is looked at on the event
loop, again and again until it is in a run's request: nobody else is answered for seconds. So the values have a bound of
their own. At it a body takes 0.3 s, and without one 2 s (lists, objects and numbers; CPython 3.11).
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from array import array
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NoReturn

from starlette.requests import Request

from agno_temporal.api.problems import Problem


@dataclass(frozen=True)
class Limits:
    """What a request may have.

    Attributes:
        body_bytes: Of one body. Temporal takes 2 MB in one payload; more only helps with external storage.
        body_seconds: How long a body may take to arrive.
        depth: Brackets within brackets.
        values: Of one body, with those that hold others.
        head_bytes: Of all headers, with the address.
        headers: How many.
    """

    body_bytes: int = 2_500_000
    body_seconds: float = 30.0
    depth: int = 64
    values: int = 100_000
    head_bytes: int = 32_000
    headers: int = 100


_NOT_A_BRACKET = bytes(set(range(256)) - set(b"[]{}"))

_STEPS = bytes.maketrans(b"[{]}", bytes([1, 1, 255, 255]))
"""One level down, or, as a signed byte, one up."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class BoundedRequest(Request):
    """A request whose body is read once, within its limits."""

    def __init__(self, request: Request, limits: Limits) -> None:
        super().__init__(request.scope, request.receive)
        self._limits = limits

    async def body(self) -> bytes:
        """
        Raises:
            Problem: 413, it is too large. 408, it did not come in time.
        """
        if not hasattr(self, "_body"):
            try:
                async with asyncio.timeout(self._limits.body_seconds):
                    self._body = await self._read()
            except TimeoutError:
                detail = f"The body did not arrive within {self._limits.body_seconds:.0f} s."
                raise Problem(408, "request-timeout", detail, headers={"Connection": "close"}) from None
        return self._body

    async def json(self) -> Any:
        """
        Raises:
            Problem: 422, it is no JSON that is taken.
        """
        if not hasattr(self, "_json"):
            self._json = parsed(await self.body(), self._limits.depth, self._limits.values)
        return self._json

    async def _read(self) -> bytes:
        said = self.headers.get("content-length", "")
        if said.isdecimal() and int(said[:20]) > self._limits.body_bytes:
            self._refuse()
        chunks, size = list[bytes](), 0
        async for chunk in self.stream():
            size += len(chunk)
            if size > self._limits.body_bytes:
                self._refuse()
            chunks.append(chunk)
        return b"".join(chunks)

    def _refuse(self) -> NoReturn:
        detail = f"The body is larger than {self._limits.body_bytes} bytes."
        raise Problem(413, "request-too-large", detail, headers={"Connection": "close"})


def parsed(body: bytes, depth: int, values: int) -> Any:
    """The JSON of a body.

    Raises:
        Problem: 422, it is none, or more than is taken.

    >>> parsed(b'{"a": [1]}', 2, 3)
    {'a': [1]}
    """
    outside = outside_of_strings(body)
    if is_too_deep(outside, depth):
        raise _refused(f"it is nested deeper than {depth}")
    if values_at_most(outside) > values:
        raise _refused(f"it has more than {values} values")
    try:
        found = json.loads(
            body.decode(), parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_each_once
        )
    except json.JSONDecodeError as error:
        raise _refused(f"{error.msg} at character {error.pos}") from error
    except (ValueError, RecursionError) as error:
        raise _refused("it is not in UTF-8, or holds a number that is none") from error
    if b"\\u" in body and _SURROGATE.search(json.dumps(found, ensure_ascii=False)):
        raise _refused("it holds half of a surrogate pair")
    return found


def outside_of_strings(body: bytes) -> bytes:
    r"""What is no text in JSON.

    >>> outside_of_strings(b'["[\\"[[", 1]')
    b'[, 1]'
    """
    return b"".join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])


def is_too_deep(outside: bytes, depth: int) -> bool:
    """Whether brackets stand within more than `depth` brackets.

    >>> is_too_deep(b"[[[]]]", 3), is_too_deep(b"[[[[]]]]", 3)
    (False, True)
    """
    levels = accumulate(array("b", outside.translate(_STEPS, _NOT_A_BRACKET)))
    return max(levels, default=0) > depth


def values_at_most(outside: bytes) -> int:
    """No fewer than the values are: the first, those behind a comma, and the first in each bracket that is not empty.

    >>> values_at_most(b"[1, [2, 3]]"), values_at_most(b"[[], []]")
    (5, 5)
    """
    return 1 + sum(map(outside.count, (b",", b"[", b"{")))


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two members of one name, one reader takes the first and another the last."""
    members = dict(pairs)
    if len(members) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise _refused(f"{name[:100]!r} stands twice in one object")
    return members


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits[:20])
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refused(why: str) -> Problem:
    entry = {"in": "body", "field": "", "message": f"The body is no JSON that is taken: {why}."}
    return Problem(422, "invalid-request", "The body cannot be read; `errors` says why.", {"errors": [entry]})
