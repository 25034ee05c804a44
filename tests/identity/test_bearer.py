from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unauthenticated
from gateway.identity.base64url import decode
from gateway.identity.bearer import TOKEN_HEADERS, token_from

TOKEN = b"e30.e30.AAAA"


@pytest.mark.parametrize("name", sorted(TOKEN_HEADERS))
def test_a_token_stands_in_any_of_the_headers(name: bytes) -> None:
    value = b"Bearer " + TOKEN if name == b"authorization" else TOKEN
    assert token_from(((b"host", b"a"), (name, value), (b"accept", b"b"))) == TOKEN.decode()


def test_the_scheme_is_read_in_any_case() -> None:
    assert token_from(((b"authorization", b"bearer " + TOKEN),)) == TOKEN.decode()


def test_no_token() -> None:
    for headers in ((), ((b"cookie", TOKEN),), ((b"x-api_key", TOKEN),)):
        with pytest.raises(Unauthenticated, match=r"^no token$"):
            token_from(headers)


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
        token_from(((names[0], b"Bearer " + TOKEN), (names[1], second)))


@pytest.mark.parametrize(
    "value",
    [TOKEN, b"Basic " + TOKEN, b"Bearer", b"", b"Bearer\t" + TOKEN, b"DPoP " + TOKEN],
)
def test_other_schemes(value: bytes) -> None:
    with pytest.raises(Unauthenticated, match=r"^scheme"):
        token_from(((b"authorization", value),))


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
        assert token_from(headers) == token.decode()
        return
    with pytest.raises(Unauthenticated, match=f"^{word}") as refusal:
        token_from(headers)
    assert not token or token.decode("latin-1") not in refusal.value.reason


@given(st.lists(st.text("AQgwBZ09-_", max_size=7), min_size=3, max_size=3))
def test_a_token_passes_if_all_its_segments_decode(segments: list[str]) -> None:
    canonical = all(segment and decode(segment) is not None for segment in segments)
    try:
        token_from(((b"api-key", ".".join(segments).encode()),))
    except Unauthenticated:
        assert not canonical
    else:
        assert canonical
