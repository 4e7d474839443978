"""Ports of servers that are killed and come back.

While such a server is down, its number is free, and the system may give it to any outgoing connection, such as another
test's: then the server does not come up again. Connections get theirs from 32768 on (ip_local_port_range). So these lie
below.
"""

from __future__ import annotations

import random
import socket

LASTING = range(20_000, 32_000)

_draw = random.SystemRandom()


def lasting_port() -> int:
    """One that nobody listens on."""
    while True:
        port = _draw.choice(LASTING)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
