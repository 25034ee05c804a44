"""Where a request came from, and attempts to lie about it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingress.proxies import Proxies

PROXY, FRONT, CLIENT = "10.0.0.1", "10.0.0.2", "203.0.113.9"
OURS = Proxies(["10.0.0.0/8", "fd00::/8"])


def address(forwarded: str | None, peer: str | None = PROXY, proxies: Proxies = OURS) -> str | None:
    headers = () if forwarded is None else ((b"x-forwarded-for", forwarded.encode("latin-1")),)
    return proxies.client_address(peer, ((b"host", b"a"), *headers))


def test_without_proxies_the_peer_is_the_client() -> None:
    assert address(CLIENT, proxies=Proxies()) == PROXY
    assert not Proxies().trusts(PROXY)


@pytest.mark.parametrize("peer", [CLIENT, "192.0.2.1", "2001:db8::1", "::ffff:203.0.113.9"])
def test_a_peer_that_is_no_proxy_is_not_believed(peer: str) -> None:
    assert address("198.51.100.7", peer) == str(ip_address(peer.removeprefix("::ffff:")))
    assert not OURS.trusts(peer)


def test_a_proxy_without_the_header_is_the_client_itself() -> None:
    assert address(None) == PROXY
    assert OURS.trusts(PROXY)


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (CLIENT, CLIENT),
        (f"{CLIENT}, {FRONT}", CLIENT),
        (f"{CLIENT},{FRONT},10.1.2.3", CLIENT),
        (f"  {CLIENT}  ", CLIENT),
        (f"{FRONT}, 10.9.9.9", FRONT),
        (f"{CLIENT}:4711", CLIENT),
        (f"{CLIENT}:65535", CLIENT),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:DB8:0::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1, fd00::7", "2001:db8::1"),
        ("::ffff:203.0.113.9", CLIENT),
        (f"{CLIENT}, ::ffff:10.0.0.2", CLIENT),
    ],
)
def test_the_right_most_address_that_is_no_proxy(forwarded: str, client: str) -> None:
    assert address(forwarded) == client


def test_several_lines_are_one_list() -> None:
    lines = ((b"x-forwarded-for", b"198.51.100.7"), (b"a", b"b"), (b"x-forwarded-for", b"10.0.0.2"))
    assert OURS.client_address(PROXY, lines) == "198.51.100.7"
    assert OURS.client_address(PROXY, lines[::-1]) == "198.51.100.7"
    spoofed = ((b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", CLIENT.encode()))
    assert OURS.client_address(PROXY, spoofed) == CLIENT


# Lies.


@pytest.mark.parametrize(
    "lie",
    [
        "127.0.0.1",
        "10.0.0.1",
        "10.0.0.1, 10.0.0.2",
        "::1",
        "",
        ",",
        "unknown",
        "a, b",
        "198.51.100.7",
    ],
)
def test_spoofed_addresses_to_the_left_are_not_read(lie: str) -> None:
    """What a client sends itself stands left of what the first proxy appends."""
    assert address(f"{lie}, {CLIENT}") == CLIENT
    assert address(f"{lie}, {CLIENT}, {FRONT}") == CLIENT


@pytest.mark.parametrize(
    "entry",
    [
        "", " ", "unknown", "_hidden", "-", "localhost", "203.0.113", "203.0.113.9.1",
        "203.0.113.09", "203.0.113.9:\xb2",
        "203.0.113.9:", "203.0.113.9:x", "203.0.113.9:123456", "203.0.113.9:+1", "203.0.113.9/32",
        "0xcb007109", "3405803785", "[203.0.113.9]", "[2001:db8::1", "2001:db8::1]", "[]", "[::1]x",
        "[2001:db8::1]:x", "[2001:db8::1]443", "fe80::1%eth0", "[fe80::1%eth0]", "for=203.0.113.9",
        '"203.0.113.9"', "203.0.113.9;10.0.0.1", "\xb2\xb2", "203.0.113.\xb2",
        "2001:db8::1:" + "0" * 60,
        "x" * 8000,
    ],
)  # fmt: skip
def test_what_is_no_address_is_not_believed_nor_what_stands_left_of_it(entry: str) -> None:
    assert address(entry) == PROXY
    assert address(f"198.51.100.7, {entry}") == PROXY
    assert address(f"198.51.100.7, {entry}, {FRONT}") == FRONT


def test_twins_of_the_header_are_not_read() -> None:
    for name in (b"x_forwarded_for", b"x-forwarded-for-", b"forwarded", b"x-real-ip", b"client-ip"):
        assert OURS.client_address(PROXY, ((name, CLIENT.encode()),)) == PROXY


def test_an_endless_list_of_proxies_ends() -> None:
    assert address(f"{CLIENT}," + ",".join([FRONT] * 5000)) == FRONT


@pytest.mark.parametrize("peer", [None, "", "testclient", "/run/socket", "10.0.0.1, 10.0.0.2"])
def test_a_peer_without_an_address_is_kept_as_it_is_and_not_trusted(peer: str | None) -> None:
    assert address(CLIENT, peer) == peer
    assert not OURS.trusts(peer)


def test_peers_on_links_and_in_ipv6_sockets() -> None:
    assert OURS.trusts("::ffff:10.0.0.1")
    assert Proxies(["fe80::/10"]).trusts("fe80::1%eth0")
    assert address(None, "fe80::1%eth0") == "fe80::1"


@given(
    st.lists(st.ip_addresses().map(str) | st.text("0123456789.:[],% ax", max_size=20), max_size=9)
)
def test_a_client_cannot_change_what_a_proxy_saw(words: list[str]) -> None:
    assert address(", ".join([*words, CLIENT])) == CLIENT
    assert address(", ".join(words), CLIENT) == CLIENT
