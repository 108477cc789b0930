"""Where a request comes from: the client's own address, through whatever trusted proxies stand in front."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def address_of(request: HttpRequest) -> str | None:
    """The nearest address that is no trusted proxy's, or None; of IPv6 the network of 64 bits that one customer gets.

    What stands further left in X-Forwarded-For was written by that client, who may write what they like.
    """
    found: Address | None = None
    for address in _hops(request):
        found = address
        if not is_trusted(address):
            break
    if isinstance(found, IPv6Address):
        found = IPv6Address(int(found) >> 64 << 64)
    return str(found) if found else None


def is_trusted(address: Address) -> bool:
    return any(address in network for network in settings.PAPERCACHE_TRUSTED_PROXIES)


def is_trusted_peer(peer: str) -> bool:
    """By REMOTE_ADDR. A Unix socket's peer has none, and only the local proxy can reach it."""
    return not peer or any(map(is_trusted, _addresses([peer])))


def _hops(request: HttpRequest) -> Iterator[Address]:
    """From the nearest to the furthest, up to the first that is no address."""
    peer = request.META.get("REMOTE_ADDR", "")
    if peer:
        yield from _addresses([peer])
    if is_trusted_peer(peer):
        yield from _addresses(reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")))


def _addresses(words: Iterator[str] | list[str]) -> Iterator[Address]:
    for word in words:
        try:
            address = ip_address(_without_port(word.strip()))
        except ValueError:
            return
        yield getattr(address, "ipv4_mapped", None) or address


def _without_port(word: str) -> str:
    """`192.0.2.1:4711` and `[2001:db8::1]:4711` as some proxies write them."""
    if word.startswith("["):
        return word[1:].partition("]")[0]
    return word.partition(":")[0] if word.count(":") == 1 else word
