from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unauthenticated
from gateway.identity.base64url import encode
from gateway.identity.jws import check_header, check_type, read_jws


def _token(header: bytes = b"{}", claims: bytes = b"{}", signature: bytes = b"x") -> str:
    return ".".join(encode(part) for part in (header, claims, signature))


def test_the_parts_of_a_token() -> None:
    jws = read_jws(_token(b'{"alg":"ES256"}', b'{"sub":"a"}', b"sig"))
    assert jws.header == {"alg": "ES256"}
    assert jws.claims == {"sub": "a"}
    assert jws.signature == b"sig"
    assert jws.signed == _token(b'{"alg":"ES256"}', b'{"sub":"a"}').rpartition(".")[0].encode()
    assert "sub" not in repr(jws)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("", "three segments"),
        ("e30.e30", "three segments"),
        ("e30.e30.AA.AA", "three segments"),
        ("e30.é30.AA", "three segments|base64url"),
        ("e30.e31.AA", "base64url"),
        ("e30=.e30.AA", "base64url"),
        ("e30.e30.AB", "base64url"),
        ("e30.e30.AA==", "base64url"),
        (_token(b"[]"), "header: no JSON object"),
        (_token(b"{}", b'"x"'), "claims: no JSON object"),
        (_token(b"\xff"), "header: json: not UTF-8"),
        (_token(b'{"alg":"none","alg":"ES256"}'), "header: json: duplicate key"),
        (_token(b"{}", b'{"sub":"a","sub":"b"}'), "claims: json: duplicate key"),
        (_token(b"{}", b'{"a":' * 9 + b"1" + b"}" * 9), "deeper than 8"),
        (_token(b"\xef\xbb\xbf{}"), "byte-order mark"),
    ],
)
def test_what_is_no_token(token: str, words: str) -> None:
    with pytest.raises(Unauthenticated, match=f"malformed: .*({words})"):
        read_jws(token)


@given(st.text() | st.lists(st.binary(), max_size=4).map(lambda s: ".".join(map(encode, s))))
def test_any_text_is_refused_with_our_error(token: str) -> None:
    with pytest.raises(Unauthenticated):
        read_jws(token)


@pytest.mark.parametrize(
    "member",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
        {"jku": "https://evil.test/jwks"},
        {"jwk": {}},
        {"x5u": "https://evil.test/"},
        {"x5c": []},
        {"jku": None},
        {"cty": "JWT"},
        {"cty": "application/jwt"},
    ],
)
def test_header_members_that_are_refused(member: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated, match=r"^header: "):
        check_header({"alg": "ES256", **member})


def test_other_header_members_are_ignored() -> None:
    check_header({"alg": "ES256", "x5t": "a", "x5t#S256": "b", "cty": "text", "foo": 1})
    check_header({"cty": 5})


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT", None])
def test_access_tokens_are_taken_where_no_type_is_named(kind: str | None) -> None:
    check_type({} if kind is None else {"typ": kind}, ())


@pytest.mark.parametrize(
    "kind", ["dpop+jwt", "logout+jwt", "secevent+jwt", "JOSE", "", 1, None, ["JWT"]]
)
def test_tokens_for_something_else_are_refused(kind: object) -> None:
    with pytest.raises(Unauthenticated, match=r"^type: "):
        check_type({"typ": kind}, ())


def test_a_named_type_must_be_there() -> None:
    for wanted in ("at+jwt", "application/at+jwt", "AT+JWT"):
        check_type({"typ": "at+jwt"}, (wanted,))
        check_type({"typ": "application/AT+jwt"}, ("x", wanted))
        for header in ({}, {"typ": "JWT"}, {"typ": 1}, {"typ": None}):
            with pytest.raises(Unauthenticated, match=r"^type: "):
                check_type(header, (wanted,))
