from __future__ import annotations

from gateway.scan.name_words import FIRST_NAMES, NO_NAMES


def test_no_word_is_in_both() -> None:
    assert not {one.lower() for one in FIRST_NAMES} & NO_NAMES


def test_their_case() -> None:
    assert all(one[0].isupper() and one.isalpha() for one in FIRST_NAMES)
    assert all(one == one.lower() for one in NO_NAMES)
