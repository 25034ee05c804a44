from __future__ import annotations

from gateway.scan.bidi import left_to_right


def test_overridden_text_is_read_as_it_is_shown() -> None:
    text = "so \u202eerongi\u202c it"
    (one,) = left_to_right(text)
    assert one.text == "so \u202eignore\u202c it"
    first, last = one.span(4, 7)
    assert text[first:last] == "ngi"


def test_marks_that_turn_nothing_are_left() -> None:
    assert list(left_to_right("a \u200f\u2067b\u2069 c")) == []
