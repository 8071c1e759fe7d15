"""An HTTP transport that reaches public addresses only, and exactly those that it checked.

A name could lead to a public address when it is checked and into the bank's own network when it is connected to (DNS
rebinding). So it is looked up once for each request, redirects included, and the connection goes to that address.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

import httpx

Resolve = Callable[[str], list[str]]

# IPv6 addresses that stand for an IPv4 address, which may be one of the bank's own network.
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")))


class PrivateHost(Exception):
    """The host of a link is in the bank's own network: its answer would leak to curators (SSRF)."""


class OutsideTransport(httpx.BaseTransport):
    """Wraps a transport: it is given the checked address to connect to, with the name in `Host` and in TLS.

    The wrapped transport must not keep connections: one for a name would be used for another at the same address.
    Raises PrivateHost if any address of a name is not public, and httpx.ConnectError if there is none.
    """

    def __init__(self, inner: httpx.BaseTransport | None = None, resolve: Resolve | None = None) -> None:
        self._inner = inner or httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        self._resolve = resolve or look_up

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        try:
            addresses = self._resolve(host)
        except OSError as error:
            raise httpx.ConnectError(f"no hay ningún servidor con el nombre {host}", request=request) from error
        if not addresses or not all(map(is_public, addresses)):
            raise PrivateHost(host)
        for address in addresses[:-1]:
            try:
                return self._send_to(address, request)
            except httpx.ConnectError:  # as IPv6 does where a network has none: the next one may answer
                continue
        return self._send_to(addresses[-1], request)

    def close(self) -> None:
        self._inner.close()

    def _send_to(self, address: str, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # with the name as `Host`
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": request.url.host},
            )
        )


def look_up(host: str) -> list[str]:
    """Return the addresses of a host, each once, in the system's order. Raises OSError."""
    found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def is_public(address: str) -> bool:
    """Return True for an address of the internet: none of a private network, of this machine, of a cloud's metadata."""
    parsed = ipaddress.ip_address(address)
    is_translated = isinstance(parsed, ipaddress.IPv6Address) and (
        parsed.ipv4_mapped is not None or any(parsed in network for network in _TRANSLATED)
    )
    return parsed.is_global and not parsed.is_multicast and not is_translated
