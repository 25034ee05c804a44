from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingress.host import host_name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"localhost", "localhost"),
        (b"LocalHost:8080", "localhost"),
        (b"a.b-c.example.com.", "a.b-c.example.com"),
        (b"llm_gateway:80", "llm_gateway"),
        (b"127.0.0.1:0", "127.0.0.1"),
        (b"[::1]:65535", "[::1]"),
        (b"[0:0:0:0:0:0:0:1]", "[::1]"),
        (b"xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_hosts(value: bytes, name: str) -> None:
    assert host_name(value) == name


@pytest.mark.parametrize(
    "value",
    [
        b"", b":80", b"a:", b"a:65536", b"a:123456", b"a b", b"a..b", b".a", b"-a", b"a-",
        b"a/b", b"a?b", b"a#b", b"u@a", b"[::1", b"::1", b"[1]", b"[::1]x", b"[v1.x]", b"a\n",
        b"a" * 64, b"%61", b"\xc3\xa9", b"*",
    ],
)  # fmt: skip
def test_no_hosts(value: bytes) -> None:
    assert host_name(value) is None


@given(st.binary(max_size=300))
def test_any_bytes_give_a_name_or_none(value: bytes) -> None:
    name = host_name(value)
    assert name is None or name == name.lower()
