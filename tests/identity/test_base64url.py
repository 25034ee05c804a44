from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.base64url import decode, encode


@given(st.binary(max_size=40))
def test_what_is_encoded_decodes_to_the_same(data: bytes) -> None:
    assert decode(encode(data)) == data


@given(st.text(max_size=12) | st.text("AZaz09-_+/= \n", max_size=12))
def test_a_text_is_refused_or_is_the_one_spelling(text: str) -> None:
    data = decode(text)
    assert data is None or encode(data) == text


@pytest.mark.parametrize("text", ["A", "AB", "AAB", "AA==", "AA=", "A A", "+A", "/w", "AA\n", "é"])
def test_other_spellings_are_refused(text: str) -> None:
    assert decode(text) is None
