"""Which addresses are public: the ones that an address found in a feed or a redirect may lead to.

The rule is IANA's: for IPv4 what ``ipaddress`` calls global, for IPv6 the one block that global unicast is
given out from, less what is reserved inside it. ``is_global`` alone is not enough: it lets multicast pass,
and IPv6 addresses that carry a private IPv4 address inside.

https://www.iana.org/assignments/iana-ipv4-special-registry, .../iana-ipv6-special-registry,
https://www.iana.org/assignments/ipv6-address-space
"""

from __future__ import annotations

import ipaddress
import socket

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052; how an IPv6-only network reaches IPv4
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")  # RFC 8215: a network's own, so wherever it likes
_TEREDO = ipaddress.ip_network("2001::/32")
_DOCUMENTATION = ipaddress.ip_network("3fff::/20")  # RFC 9637, younger than Python 3.11's tables


def not_public(address: str) -> str | None:
    """Why ``address`` (as ``getaddrinfo`` gives it) is not public, or None where it is.

    IPv6 addresses that carry an IPv4 address are judged by that one: mapped (``::ffff:0:0/96``), NAT64
    (``64:ff9b::/96``), 6to4 (``2002::/16``). Teredo and NAT64's local block are refused as a whole: nothing
    public is served from them. What is not an address at all is not public either.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "not an address"
    if isinstance(ip, ipaddress.IPv4Address):
        return _why_not_v4(ip)
    if ip.scope_id is not None:
        return "an address of one link of this machine"
    inside = _v4_inside(ip)
    if inside is not None:
        why = _why_not_v4(inside)
        return f"{why} ({inside}) inside an IPv6 address" if why else None
    return _why_not_v6(ip)


def literal(host: str) -> str | None:
    """The address that ``host`` spells, or None for a name.

    ``inet_aton`` reads the old spellings, as resolvers do: ``2130706433``, ``0x7f.1``, ``127.1``.
    """
    bare = host.rstrip(".")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(bare))
    except (OSError, ValueError):
        return None


def is_this_machine(host: str) -> bool:
    """Whether ``host`` is loopback: ``localhost``, or an address of 127.0.0.0/8 or ``::1`` however spelt."""
    spelt = literal(host)
    return ipaddress.ip_address(spelt).is_loopback if spelt else named_localhost(host)


def named_localhost(host: str) -> bool:
    """``localhost`` and names below it, which mean this machine (RFC 6761, 6.3)."""
    return f".{host.rstrip('.').lower()}".endswith(".localhost")


def _v4_inside(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _why_not_v4(ip: ipaddress.IPv4Address) -> str | None:
    if ip.is_loopback:
        return "an address of this machine"
    if ip.is_unspecified:
        return "no machine's address"
    if ip.is_link_local:
        return "a link-local address, where cloud machines keep their credentials"
    if ip.is_multicast:
        return "a multicast address"
    return None if ip.is_global else "an address of a private or reserved network"


def _why_not_v6(ip: ipaddress.IPv6Address) -> str | None:
    if ip.is_loopback:
        return "an address of this machine"
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_multicast:
        return "a multicast address"
    if ip in _NAT64_LOCAL or ip in _TEREDO:
        return "an address that stands for an IPv4 address we can't see"
    if ip not in _GLOBAL_UNICAST or ip in _DOCUMENTATION or not ip.is_global:
        return "an address of a private or reserved network"
    return None
