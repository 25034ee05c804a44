from __future__ import annotations

import sys

from gateway.scan.folding import FOLD, HIDDEN


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
