"""From an address to the network that shares a limit. An address is REMOTE_ADDR, behind a proxy the reader's own.

`evidencebank.middleware.ForwardedRequests` is the one place that believes a forwarded header.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings

IPV6_PREFIX = 64
"""A subscriber usually has a whole /64."""
IPV6_SITE_PREFIX = 48
"""The most that one customer gets: 65,536 networks. It may also be a whole town of phones with a /64 each."""


def network_of(address: str, ipv6_prefix: int = IPV6_PREFIX) -> str:
    """Return the key of those who share a limit: an IPv4 address, or the network of an IPv6 address, a /64 unless told.

    What is no address, as of a Unix socket, is its own key: all who come through it share one limit.
    """
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed), ipv6_prefix), strict=False))
    return str(parsed or address)


def is_of_house(address: str) -> bool:
    """Return True if `address` lies in HOUSE_NETWORKS, behind whose addresses many people work."""
    parsed = _parse(address)
    return parsed is not None and any(parsed in ipaddress.ip_network(word) for word in settings.HOUSE_NETWORKS)


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    # A server that listens on both kinds sees an IPv4 address as ::ffff:192.0.2.1; all of these are in one /64.
    return getattr(parsed, "ipv4_mapped", None) or parsed
