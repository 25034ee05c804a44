from __future__ import annotations

import sys

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.scan.folding import FOLD, HIDDEN, ODD, one_by_one


def test_ascii_stands_for_itself() -> None:
    text = "".join(map(chr, range(128)))
    assert text.translate(FOLD) == text


def test_no_character_of_unicode_grows_into_a_text() -> None:
    assert all(len(FOLD[code]) <= 4 for code in range(sys.maxunicode + 1))


def test_hidden_characters_are_dropped_or_carry_one() -> None:
    assert all(len(FOLD[code]) <= 1 for code in HIDDEN)
    assert FOLD[0xE0041] == "A"


def test_other_scripts_keep_their_letters() -> None:
    assert "日本語 हिन्दी".translate(FOLD) == "日本語 हिन्दी"


def told(char: str) -> str:
    plain = char if char.isascii() else FOLD[ord(char)]
    return plain if len(plain) == 1 and ord(char) not in HIDDEN else ODD


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30), st.booleans())
@example("\0é", True)
@example("\ud83d", True)
@example("\U0001d5a0\u00df", True)
@example(ODD + "\u00ad", True)
def test_a_long_text_is_folded_like_each_of_its_characters(text: str, long: object) -> None:
    whole = text * 40 if long else text
    for _ in range(2):
        assert one_by_one(whole) == "".join(map(told, whole))
