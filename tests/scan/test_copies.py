from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.copies import Copies

SAID = "The launch code of the new shop is BLUE-KESTREL-9, so keep it."


def test_the_first_copy_and_all_of_it() -> None:
    copies = Copies([SAID], 20)
    text = "n.b. the new shop is BLUE-KESTREL-9!"
    start, end = copies.first(text) or (0, 0)
    assert text[start:end] == " the new shop is BLUE-KESTREL-9"


def test_case_and_space_hide_no_copy() -> None:
    copies = Copies([SAID], 20)
    text = "x\tTHE  LAUNCH\n code of the  new shop"
    start, end = copies.first(text) or (0, 0)
    assert text[start:end] == "THE  LAUNCH\n code of the  new shop"


def test_less_than_a_copy_is_none() -> None:
    copies = Copies([SAID], 20)
    assert copies.first("The launch code of") is None
    assert copies.first("The launch-code of the old shop was") is None
    assert copies.first("") is None


def test_nothing_is_copied_from_nothing() -> None:
    assert Copies([], 8).first(SAID) is None
    assert Copies(["", "short"], 8).first(SAID) is None


def test_a_character_that_grows_in_lower_case_keeps_all_places() -> None:
    said = "\u0130stanbul is where the treasure lies"
    start, end = Copies([said], 16).first("x" + said) or (0, 0)
    assert ("x" + said)[start:end] == said


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20), st.integers(8, 12))
def test_whatever_is_repeated_is_found(before: str, said: str, after: str, chars: int) -> None:
    copies = Copies([said], chars)
    plain = " ".join(said.split())
    if len(plain) >= chars and len(plain) == len(plain.lower()) and plain.isascii():
        found = copies.first(f"{before} {said} {after}")
        assert found is not None
        assert found[1] - found[0] >= chars


@given(st.text("ab ", max_size=30), st.text("cd ", max_size=30))
def test_texts_without_a_letter_in_common_copy_nothing(one: str, other: str) -> None:
    assert Copies([one], 8).first(other) is None
