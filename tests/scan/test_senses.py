from __future__ import annotations

from collections import Counter

from gateway.scan.senses import SENSES, words_by_sense


def test_every_word_has_one_sense() -> None:
    words = Counter(word for _, word in words_by_sense())
    assert [word for word, times in words.items() if times > 1] == []


def test_words_are_folded_like_the_texts_that_they_are_looked_for_in() -> None:
    words = {word for _, word in words_by_sense()}
    assert {"fruheren", "ignore", "\u5ffd\u7565"} <= words
    assert len({number for number, _ in words_by_sense()}) == len(SENSES) < 255
