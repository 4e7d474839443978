"""Request bodies, bounded before anybody parses them.

A body's length is what its sender says it is, or is not said at all; JSON may be nested until a parser's stack ends; a
number may have a million digits. So the bytes are counted as they come, brackets are counted before parsing, and what
is left of the ways to fail is one answer. NaN, Infinity and lone surrogates are not JSON that others can read.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from array import array
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
        head_bytes: Of all headers, with the address.
        headers: How many.
    """

    body_bytes: int = 2_500_000
    body_seconds: float = 30.0
    depth: int = 64
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
            self._json = parsed(await self.body(), self._limits.depth)
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


def parsed(body: bytes, depth: int) -> Any:
    """The JSON of a body.

    Raises:
        Problem: 422, it is none, or more than is taken.

    >>> parsed(b'{"a": [1]}', 2)
    {'a': [1]}
    """
    if is_too_deep(body, depth):
        raise _refused(f"it is nested deeper than {depth}")
    try:
        found = json.loads(body.decode(), parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _refused(f"{error.msg} at character {error.pos}") from error
    except (ValueError, RecursionError) as error:
        raise _refused("it is not in UTF-8, or holds a number that is none") from error
    if b"\\u" in body and _SURROGATE.search(json.dumps(found, ensure_ascii=False)):
        raise _refused("it holds half of a surrogate pair")
    return found


def is_too_deep(body: bytes, depth: int) -> bool:
    r"""Whether brackets stand within more than `depth` brackets. Those in strings do not count.

    >>> is_too_deep(b'[[["[[["]]]', 3), is_too_deep(b'[[[[]]]]', 3)
    (False, True)
    """
    outside = b"".join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    levels = accumulate(array("b", outside.translate(_STEPS, _NOT_A_BRACKET)))
    return max(levels, default=0) > depth


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
