"""Queries: what a route knows, and nothing that could be read in two ways."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.wire.query import read_query


def test_known_parameters_are_read() -> None:
    assert read_query(b"", {"beta"}) == {}
    assert read_query(b"beta=true&api-version=2024-10-21", {"beta", "api-version"}) == {
        "beta": "true",
        "api-version": "2024-10-21",
    }
    assert read_query(b"beta", {"beta"}) == {"beta": ""}


@pytest.mark.parametrize(
    "query",
    [
        b"key=secret",
        b"BETA=true",
        b"beta=true&beta=false",
        b"beta=a%20b",
        b"beta=a+b",
        b"b%65ta=true",
        b"beta=true;x=1",
        b"beta=true&",
        b"&beta=true",
        b"beta=" + b"a" * 65,
        b"beta=a=b",
    ],
)
def test_what_another_server_might_read_otherwise_is_refused(query: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        read_query(query, {"beta"})
    assert "secret" not in caught.value.message + caught.value.reason
