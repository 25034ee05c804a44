from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan import fingerprints
from gateway.scan.fingerprints import Fingerprints

NAMES = Fingerprints()
TEXTS = st.text(st.characters(), max_size=60)


@given(TEXTS, TEXTS, st.sampled_from([b"aa", b"ab"]), st.sampled_from([b"aa", b"ab"]))
def test_equal_texts_under_equal_circumstances_have_one_name(
    one: str, other: str, here: bytes, there: bytes
) -> None:
    same = (one, here) == (other, there)
    assert (NAMES.of(one, here) == NAMES.of(other, there)) == same


@given(TEXTS, st.integers(1, 20))
def test_a_long_text_is_named_piece_by_piece_and_has_the_same_name(text: str, piece: int) -> None:
    name = NAMES.of(text, b"aa")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "_PIECE", piece)
        assert NAMES.of(text, b"aa") == name


def test_half_a_surrogate_pair_is_not_the_mark_that_stands_for_it() -> None:
    assert len({NAMES.of(text) for text in ("\ud800", "\udc00", "?", "\ufffd", "")}) == 5


def test_no_two_keep_the_same_names() -> None:
    assert Fingerprints().of("text") != Fingerprints().of("text")
    assert len(NAMES.of("text")) == 16
