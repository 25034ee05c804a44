from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unauthenticated
from gateway.identity.base64url import decode
from gateway.identity.bearer import TOKEN_HEADERS, Presented, presented

TOKEN = b"e30.e30.AAAA"


@pytest.mark.parametrize("name", sorted(TOKEN_HEADERS))
def test_a_token_stands_in_any_of_the_headers(name: bytes) -> None:
    in_authorization = name == b"authorization"
    value = b"Bearer " + TOKEN if in_authorization else TOKEN
    found = presented(((b"host", b"a"), (name, value), (b"accept", b"b")))
    assert found == Presented(TOKEN.decode(), "bearer" if in_authorization else "key")
    assert TOKEN.decode() not in repr(found)


@pytest.mark.parametrize(
    ("word", "scheme"),
    [(b"bearer", "bearer"), (b"BEARER", "bearer"), (b"DPoP", "dpop"), (b"dpop", "dpop")],
)
def test_the_scheme_is_read_in_any_case(word: bytes, scheme: str) -> None:
    assert presented(((b"authorization", word + b" " + TOKEN),)).scheme == scheme


def test_a_scheme_stands_in_authorization_only() -> None:
    for word in (b"Bearer ", b"DPoP "):
        with pytest.raises(Unauthenticated, match=r"^malformed"):
            presented(((b"x-api-key", word + TOKEN),))


def test_no_token() -> None:
    for headers in ((), ((b"cookie", TOKEN),), ((b"x-api_key", TOKEN),)):
        with pytest.raises(Unauthenticated, match=r"^no token$"):
            presented(headers)


@pytest.mark.parametrize(
    "names",
    [
        (b"authorization", b"authorization"),
        (b"x-api-key", b"x-api-key"),
        (b"authorization", b"x-api-key"),
        (b"api-key", b"x-goog-api-key"),
    ],
)
@pytest.mark.parametrize("second", [TOKEN, b"Bearer " + TOKEN, b""])
def test_token_in_two_headers(names: tuple[bytes, bytes], second: bytes) -> None:
    with pytest.raises(Unauthenticated, match=r"^two tokens$"):
        presented(((names[0], b"Bearer " + TOKEN), (names[1], second)))


@pytest.mark.parametrize(
    "value",
    [
        TOKEN,
        b"Basic " + TOKEN,
        b"Bearer",
        b"DPoP",
        b"",
        b" ",
        b"Bearer\t" + TOKEN,
        b"DPoP,Bearer " + TOKEN,
        b"DPoPX " + TOKEN,
        b" Bearer " + TOKEN,
    ],
)
def test_other_schemes(value: bytes) -> None:
    with pytest.raises(Unauthenticated, match=r"^scheme"):
        presented(((b"authorization", value),))


@pytest.mark.parametrize(
    ("token", "word"),
    [
        (b"", "malformed"),
        (b"sk-proj-1234", "malformed"),
        (b"e30.e30", "malformed"),
        (b"e30.e30.", "malformed"),
        (b"..", "malformed"),
        (b"e30.e30.AAAA.AAAA", "malformed"),
        (b"e30.e30.AAAA.AAAA.AAAA", "encrypted"),
        (b"e30.e30.AAA=", "malformed"),
        (b" e30.e30.AAAA", "malformed"),
        (b"e30.e30.AA AA", "malformed"),
        (b"e30.e30.AA+A", "malformed"),
        (b"e30.e30.AAAAA", "malformed"),
        (b"e30.e31.AAAA", "malformed"),
        (b"e30.e30.AB", "malformed"),
        (b"e30.e30.\xc3\xa9AA", "malformed"),
        (b"e30.e30." + b"A" * 8184, None),
        (b"e30.e30." + b"A" * 8188, "too long"),
    ],
)
def test_form(token: bytes, word: str | None) -> None:
    headers = ((b"x-api-key", token),)
    if word is None:
        assert presented(headers).token == token.decode()
        return
    with pytest.raises(Unauthenticated, match=f"^{word}") as refusal:
        presented(headers)
    assert not token or token.decode("latin-1") not in refusal.value.reason


@given(st.lists(st.text("AQgwBZ09-_", max_size=7), min_size=3, max_size=3))
def test_a_token_passes_if_all_its_segments_decode(segments: list[str]) -> None:
    canonical = all(segment and decode(segment) is not None for segment in segments)
    try:
        presented(((b"api-key", ".".join(segments).encode()),))
    except Unauthenticated:
        assert not canonical
    else:
        assert canonical
