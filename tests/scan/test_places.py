from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.matcher import compile_exact
from gateway.scan.places import places

LETTERS = compile_exact("[a-c]+\u00e9?")


@given(st.text("abcé日 \ud800", max_size=30))
def test_matches_are_told_by_characters(text: str) -> None:
    found = [*places(LETTERS, text, text.encode("utf-8", "replace"))]
    for start, end in found:
        assert text[start:end].rstrip("é").strip("abc") == ""
    assert sum(end - start for start, end in found) >= sum(text.count(one) for one in "abc")
