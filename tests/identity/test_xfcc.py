from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.xfcc import certificate_hash

OURS, THEIRS = bytes(range(32)), bytes(range(32, 64))
HASH, VICTIM = f"Hash={OURS.hex()}", f"Hash={THEIRS.hex()}"


def read(value: str) -> bytes | None:
    return certificate_hash(value.encode("latin-1"))


@pytest.mark.parametrize(
    "value",
    [
        HASH,
        HASH.lower().replace("hash", "HASH"),
        f"Hash={OURS.hex().upper()}",
        f"By=spiffe://mesh/ns/a;{HASH}",
        f"By=;{HASH};URI=",
        f'By=spiffe://mesh/a;By=spiffe://mesh/b;{HASH};Subject="";URI=spiffe://c;URI=https://d?e=f',
        f'{HASH};Cert="-----BEGIN%20CERTIFICATE-----%0AMII";Chain="x";DNS=a.test;DNS=b.test',
        f'{HASH};Subject="CN=a\\, b;c=d,O=\\"e\\"\\\\"',
    ],
)
def test_the_hash_of_the_only_element(value: str) -> None:
    assert read(value) == OURS


@pytest.mark.parametrize(
    "value",
    [
        "", ";", ",", "=", "Hash", "Hash=", f"Hash={OURS.hex()[:-2]}", f"Hash={OURS.hex()}00",
        f"Hash={'g' * 64}", f'Hash="{OURS.hex()}"', f"Hash= {OURS.hex()}", f"{HASH} ", f" {HASH}",
        f"{HASH};", f";{HASH}", f"{HASH};;URI=a", f"{HASH};URI", f"{HASH};Other=a", "By=a;URI=b",
        f'{HASH};Subject="a', f'{HASH};Subject="a"b', f'{HASH};Subject="a\\"', f"{HASH};U RI=a",
        f"{HASH}\n", f"x{HASH}", f"{HASH};\xe9=a",
    ],
)  # fmt: skip
def test_what_is_not_understood(value: str) -> None:
    assert read(value) is None


def test_several_elements_are_not_told_apart() -> None:
    """The last may be an inner proxy's own certificate, or the words of the one before."""
    for value in (f"{HASH},{VICTIM}", f"{HASH}, {VICTIM}", f"By=a;{HASH},By=b;{HASH}", f"{HASH},"):
        assert read(value) is None


@pytest.mark.parametrize(
    "name",
    [
        f"URI=spiffe://x,{VICTIM}",
        f"URI=spiffe://x,By=spiffe://mesh/gateway;{VICTIM}",
        f"URI=spiffe://x;{VICTIM}",
        f"DNS=a.test;{VICTIM};DNS=b.test",
        f'URI=";{VICTIM};URI="',
        f"URI=a;hASH={THEIRS.hex()}",
    ],
)
def test_injection_through_a_name_within_the_certificate(name: str) -> None:
    """Envoy writes URI and DNS names without quotes, whatever is in them."""
    value = read(f"By=spiffe://mesh/gateway;{HASH};{name}")
    assert value != THEIRS
    assert value in (None, OURS)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_nothing_in_a_name_puts_another_hash_in_place(name: str) -> None:
    for written in (
        f"{HASH};URI={name}",
        f"{HASH};URI={name};{VICTIM}",
        f'{HASH};Subject="{name}"',
    ):
        assert read(written) in (None, OURS)


def test_a_long_header_is_read_in_one_pass() -> None:
    """A pattern that goes back over it would not end within the time that a test may take."""
    for piece in ('"', "\\", '\\"', "a=", "a=;", 'a="";', "=", "a"):
        for start in (f"{HASH};", f"{HASH};URI=", f'{HASH};Subject="'):
            assert read(start + piece * (8000 // len(piece)) + ",") is None
