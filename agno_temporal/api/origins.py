"""Origins of pages that may call: as browsers send them, and each by itself.

An origin that is written otherwise, or a pattern, is never equal to one that is sent. It lets nobody in, and nothing
says why: the browser's console has the same words as for an origin that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}

_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
"""Of a host, as browsers send it: one with other letters is sent in Punycode."""


def refuse_unsent(origins: Collection[str]) -> None:
    """Check that browsers send each of these.

    Raises:
        ValueError: They never send one of them. Says what to write.
    """
    for origin in origins:
        if "*" in origin:
            raise ValueError(
                f"{origin!r} is a pattern. Write each origin by itself: https://a.example.org,https://b.example.org"
            )
        if origin != as_sent(origin):
            raise ValueError(f"{origin!r} is no origin as a browser sends it, such as https://app.example.org")


def as_sent(address: str) -> str | None:
    """The origin of an address, as browsers write it: in small letters, and without the port that is understood. What
    is written otherwise is never equal to it. None of an address that has none.

    >>> as_sent("https://App.example.org:443/page"), as_sent("https://büro.example.org")
    ('https://app.example.org', None)
    """
    try:
        url = urlsplit(address)
        name, port = url.hostname, url.port
    except ValueError:  # Half an address of the sixth version, or a port that is no number.
        return None
    if url.scheme not in _PORTS or not name:
        return None
    if ":" not in name and not _NAME.fullmatch(name):
        return None
    host = f"[{name}]" if ":" in name else name
    return f"{url.scheme}://{host}" + ("" if port in (None, _PORTS[url.scheme]) else f":{port}")
