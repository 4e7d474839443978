"""Addresses: which are this machine's own, and whose a request is behind a proxy.

A header is what a client writes. `X-Forwarded-For` is believed only where the server was told which proxies there are,
and then from the right: each proxy adds whom it saw, and what stands further left came with the request.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_loopback(host: str) -> bool:
    """Whether a host, as a URL or a socket names it, is this machine and nobody else's."""
    if host.lower().rstrip(".") == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def client_address(peer: str | None, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """Whose a request is.

    Args:
        peer: Who has opened the connection.
        forwarded: The values of `X-Forwarded-For`, in their order.
        trusted: The networks of our own proxies.
    """
    client = peer or "unknown"
    passed = [one.strip() for value in forwarded for one in value.split(",")]
    while passed and _is_in(client, trusted):
        client = passed.pop()
        if _address(client) is None:
            return peer or "unknown"  # Not written by a proxy that can be trusted after all.
    return client


def _is_in(host: str, networks: Sequence[Network]) -> bool:
    address = _address(host)
    return address is not None and any(address in network for network in networks)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
