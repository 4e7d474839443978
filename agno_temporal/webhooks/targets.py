"""Where a webhook may go: why the address is checked, and not the name.

Who can configure an endpoint can make this process talk to whatever it can reach: a cloud's metadata service, a
database without a password, the neighbours in a cluster. A look at the name does not help, since anybody's domain may
point to 127.0.0.1, and to another address a moment later. So the name is resolved once, each of its addresses is
checked, and the connection goes to one of these very addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from agno_temporal.webhooks.look_ups import look_up

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 as IPv6-only networks reach it."""


class TargetRefused(ValueError):
    """A webhook may not go there."""


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the internet.

    >>> [is_public(ip_address(one)) for one in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    if isinstance(address, IPv6Address):
        if (inner := _inner(address)) is not None:
            return is_public(inner)
        if address.is_site_local or address.sixtofour is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def check(address: Address, allowed: Sequence[Network]) -> None:
    """
    Raises:
        TargetRefused: It is not public, and in none of the networks that are allowed.
    """
    inner = _inner(address) if isinstance(address, IPv6Address) else None
    if not is_public(address) and not any((inner or address) in network for network in allowed):
        raise TargetRefused(
            f"{inner or address} is not a public address. Allow its network, if that is meant: "
            f'allow_networks=["{inner or address}/{(inner or address).max_prefixlen}"].'
        )


async def resolved(host: str, port: int, allowed: Sequence[Network]) -> list[str]:
    """The addresses of a host, in the order in which to try them. One that is an address is its own, without a look-up.

    Raises:
        TargetRefused: One of them is not allowed. What a name also points to is as good as what it points to.
        OSError: The name cannot be resolved.
    """
    addresses = [host] if _is_address(host) else await _found(host, port)
    for address in addresses:
        check(ip_address(address), allowed)
    return addresses


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _found(host: str, port: int) -> list[str]:
    return list(dict.fromkeys(str(one[4][0]) for one in await look_up(host, port)))


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is behind an IPv6 one."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
