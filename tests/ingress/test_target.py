from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, Refusal
from gateway.ingress.target import check_path, check_query, check_target


@given(st.binary(max_size=30))
def test_a_path_that_passes_decodes_to_the_same_segments(raw: bytes) -> None:
    path = b"/" + raw
    try:
        check_path(path)
    except Refusal:
        return
    decoded = unquote_to_bytes(path)
    assert decoded.count(b"/") == path.count(b"/")
    assert not {b".", b".."} & set(decoded.split(b"/"))
    assert decoded.isascii()
    assert not set(b"\\%;#?\0\r\n") & set(decoded)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40))
def test_every_well_encoded_query_passes(text: str) -> None:
    check_query(b"q=" + quote(text).encode())


@pytest.mark.parametrize("code", sorted({*range(0x21), *b"/\\%;#?", *b"azAZ09-._~", 0x7F, 0xC3}))
def test_escapes_that_hide_something_are_refused(code: int) -> None:
    if code == 0x20:
        check_path(b"/a%20b")
        return
    for escape in (f"/a%{code:02x}b", f"/a%{code:02X}b"):
        with pytest.raises(BadRequest, match="path-escape"):
            check_path(escape.encode())


def test_a_whole_target_must_be_in_origin_form() -> None:
    check_target(b"/v1/models?limit=1")
    for target in (b"http://evil.test/", b"*", b"evil.test:443", b"", b"?x"):
        with pytest.raises(BadRequest, match="path-form"):
            check_target(target)
    with pytest.raises(BadRequest, match="path-bytes"):
        check_target(b"/v1/models#fragment")
    with pytest.raises(BadRequest, match="query-bytes"):
        check_target(b"/v1/models?x#fragment")
