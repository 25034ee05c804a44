from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pii import entities, found, score

from gateway.scan.detector import Candidate
from gateway.scan.matcher import Automaton
from gateway.scan.pii_network import DETECTORS

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

BITCOIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("ping 8.8.8.8.", "IP_ADDRESS", "8.8.8.8"),
        ("at 2001:4860:4860::8888", "IP_ADDRESS", "2001:4860:4860::8888"),
        ("host 192.168.0.10:8080", "IP_ADDRESS", "192.168.0.10"),
        ("on 127.0.0.1 only", "IP_ADDRESS", "127.0.0.1"),
        ("listen on ::1 only", "IP_ADDRESS", "::1"),
        ("at 2001:db8:1:2:3:4:5:6", "IP_ADDRESS", "2001:db8:1:2:3:4:5:6"),
        ("at 0:0:0:0:0:ffff:8.8.8.8", "IP_ADDRESS", "0:0:0:0:0:ffff:8.8.8.8"),
        ("nic 00:1B:44:11:3A:B7 up", "MAC_ADDRESS", "00:1B:44:11:3A:B7"),
        ("nic 001b.4411.3ab7 up", "MAC_ADDRESS", "001b.4411.3ab7"),
        (f"pay {BITCOIN}.", "CRYPTO", BITCOIN),
        (f"pay {ETHEREUM}.", "CRYPTO", ETHEREUM),
        (f"pay {ETHEREUM.lower()}.", "CRYPTO", ETHEREUM.lower()),
        ("see (https://example.org/a?b=c).", "URL", "https://example.org/a?b=c"),
        ("see www.example.com, or", "URL", "www.example.com"),
    ],
)
def test_addresses_are_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "1.2.3.4.5 and 256.1.1.1 and version 10.2.3.4",
        "12:30:45 std::vector a::b Foo :: Bar",
        "00:1B:44:11:3A and 00:1B:44:11:3A:B7:C8 and 10:2F:33-AC-29-C3",
        "ff:ff:ff:ff:ff:ff",
        f"pay {BITCOIN[:-1]}b",
        f"pay {ETHEREUM[:-2]}ED",
        "0x" + "0" * 40,
        "os.path.join and foo.py and e.g. self.com_port",
    ],
)
def test_near_misses_are_not(text: str) -> None:
    assert entities(text) == set()


def test_addresses_of_private_networks_score_lower() -> None:
    assert score("on 10.1.2.3 it", "IP_ADDRESS") < score("on 8.8.4.4 it", "IP_ADDRESS")
    assert score("on 127.0.0.1 it", "IP_ADDRESS") == 0.5


@given(st.ip_addresses(v=6), st.ip_addresses(v=4), st.integers(0, 6))
def test_every_address_of_ipv6_is_looked_for(six: IPv6Address, four: IPv4Address, at: int) -> None:
    groups = six.exploded.split(":")
    mixed, shorter = groups[:6], [*groups[:at], "", *groups[at + 2 : 6]]
    one = next(it for it in DETECTORS if it.rule == "ipv6")
    automaton = Automaton([one.regex.trigger])
    for written in (
        six.exploded,
        six.compressed,
        *(":".join([*few, str(four)]) for few in (mixed, shorter)),
    ):
        if one.check(Candidate("at ", written, "")) is not None:
            assert automaton.occurring(written.encode()) == [0]
