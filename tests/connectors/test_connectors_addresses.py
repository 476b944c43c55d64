"""Which addresses are public. The lists are IANA's special-purpose registries, read by eye."""

from __future__ import annotations

import pytest

from connectors.addresses import is_this_machine, literal, named_localhost, not_public


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "104.16.0.1",
        "172.15.255.255",  # the last before 172.16.0.0/12
        "172.32.0.0",  # the first after it
        "100.63.255.255",
        "100.128.0.0",
        "2606:4700::6810:1",
        "2001:4860:4860::8888",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",  # 8.8.8.8 as an IPv6-only network sees it
        "2002:808:808::1",  # 6to4 of 8.8.8.8
    ],
)
def test_public_addresses(address):
    assert not_public(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",  # carriers' own (RFC 6598)
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::a00:1",  # 10.0.0.1
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo, the example of RFC 4380
        "2001:db8::1",
        "2002:7f00:1::1",  # 6to4 of 127.0.0.1
        "2002:a9fe:a9fe::",  # 6to4 of 169.254.169.254
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456:789a::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::6810:1%2",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "",
        "localhost",
        "8.8.8.8.8",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not_public(address)


def test_the_address_inside_an_ipv6_address_is_named():
    assert not_public("64:ff9b::a9fe:a9fe") == (
        "a link-local address, where cloud machines keep their credentials (169.254.169.254) inside an IPv6 address"
    )


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),  # 127 × 2^24 + 1
        ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("2852039166", "169.254.169.254"),  # ((169 × 256 + 254) × 256 + 169) × 256 + 254
        ("::1", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("fe80::1%25eth0", "fe80::1%25eth0"),
        ("data.example", None),
        ("1.2.3.4.example", None),
        ("", None),
        ("ünï.example", None),
        ("nul\0byte", None),
    ],
)
def test_an_address_is_seen_in_every_spelling(host, address):
    assert literal(host) == address


def test_names_of_this_machine():
    assert all(map(named_localhost, ("localhost", "LOCALHOST", "localhost.", "a.localhost", "a.b.Localhost.")))
    assert not any(map(named_localhost, ("localhost.example", "mylocalhost", "")))
    assert all(map(is_this_machine, ("localhost", "127.0.0.1", "::1", "2130706433")))
    assert not any(map(is_this_machine, ("10.0.0.1", "data.example", "0.0.0.0")))
