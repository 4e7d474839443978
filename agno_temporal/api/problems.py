"""Every error that leaves the API is a problem of RFC 9457, with a `type` that programs can rely on.

A framework's own errors differ in shape from route to route, and an exception's text may tell a stranger what no
stranger should know. So routes raise `Problem`, and whatever else is raised becomes one: what is wrong with the request
says where, and what is wrong with us says nothing but that it was logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEDIA_TYPE = "application/problem+json"


@dataclass
class Problem(Exception):
    """An answer that is an error.

    Attributes:
        status: The HTTP status.
        type: What kind of error, as a stable name: persisted in programs, never renamed.
        detail: What is wrong here, and what to do.
        members: Further members of the body, such as `winner`, `deadline` or `errors`.
        headers: Such as `Retry-After`.
    """

    status: int
    type: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
