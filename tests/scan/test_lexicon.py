from __future__ import annotations

from gateway.scan.lexicon import WORDS


def test_words_are_lower_case_ascii() -> None:
    assert all(one.isascii() and one.isalpha() and one.islower() for one in WORDS)


def test_the_words_of_orders_are_there() -> None:
    assert {"ignore", "all", "previous", "instructions", "system", "prompt", "reveal"} <= WORDS
