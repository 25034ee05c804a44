from __future__ import annotations

import unicodedata

from gateway.scan.lexicon_orders import order_words


def test_words_are_lower_case_letters_and_may_go_on() -> None:
    for words in order_words().values():
        stems = [word.removesuffix("*") for word in words]
        letters = {unicodedata.category(char)[0] for stem in stems for char in stem}
        assert letters <= {"L", "M"}
        assert stems == [stem.lower() for stem in stems]


def test_the_languages_are_those_that_part_words_by_blanks() -> None:
    assert set(order_words()) == {
        *("en", "de", "fr", "es", "pt", "it", "ru", "tr", "ko", "ar", "hi"),
    }
