from __future__ import annotations

import pytest

from gateway.errors import BadRequest, UnsupportedMediaType
from gateway.ingress.headers import require_json, single


def test_single_gives_the_value_or_none() -> None:
    headers = ((b"a", b"1"), (b"b", b"2"), (b"b", b"3"), (b"empty", b""))
    assert single(headers, b"a") == b"1"
    assert single(headers, b"c") is None
    assert single(headers, b"empty") == b""


@pytest.mark.parametrize("values", [(b"1", b"2"), (b"1", b"1"), (b"", b"")])
def test_single_refuses_a_second_one(values: tuple[bytes, bytes]) -> None:
    with pytest.raises(BadRequest, match="duplicate-header"):
        single(tuple((b"a", value) for value in values), b"a")


@pytest.mark.parametrize(
    "kind",
    [
        b"application/json",
        b"Application/JSON",
        b"application/json; charset=utf-8",
        b"application/json;charset=UTF-8",
        b'application/json ; charset="utf-8"',
    ],
)
def test_json_in_utf_8_is_taken(kind: bytes) -> None:
    require_json(((b"content-type", kind),))
    require_json(((b"content-type", kind), (b"content-encoding", b"identity")))


@pytest.mark.parametrize(
    "kind",
    [
        None,
        b"",
        b"text/plain",
        b"application/json5",
        b"application/jsonp",
        b"text/json",
        b"application/vnd.api+json",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=application/json",
        b"application/json; charset=utf-16",
        b"application/json; charset=utf-7",
        b"application/json; charset=utf-8; charset=utf-16",
        b"application/json; boundary=x",
        b"application/json;",
        b"application/json, text/plain",
        b"application/json\tx",
    ],
)
def test_other_types_are_refused(kind: bytes | None) -> None:
    headers = () if kind is None else ((b"content-type", kind),)
    with pytest.raises(UnsupportedMediaType, match="content-type: "):
        require_json(headers)


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"identity, gzip", b"x", b""])
def test_compressed_bodies_are_refused(coding: bytes) -> None:
    headers = ((b"content-type", b"application/json"), (b"content-encoding", coding))
    with pytest.raises(UnsupportedMediaType, match="content-encoding: "):
        require_json(headers)


def test_two_content_types_are_refused() -> None:
    headers = ((b"content-type", b"application/json"), (b"content-type", b"text/plain"))
    with pytest.raises(BadRequest, match="duplicate-header"):
        require_json(headers)
