from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.patches import Patch, Span, Unit


def between(spans: list[tuple[int, int]]) -> Span:
    """From characters, each said by the span at its place, to the span from first to last."""
    return lambda start, end: (spans[start][0], spans[end - 1][1])


def test_units_stand_in_their_place() -> None:
    patch = Patch("say 61 62 twice", [Unit(4, 9, "ab", "hex", between([(4, 6), (7, 9)]))])
    assert patch.text == "say ab twice"
    assert patch.names == {"hex"}
    assert [patch.span(*one) for one in [(0, 3), (4, 5), (5, 6), (4, 6), (5, 8), (7, 12)]] == [
        *((0, 3), (4, 6), (7, 9), (4, 9), (7, 11), (10, 15)),
    ]


def test_a_unit_without_places_is_one_whole() -> None:
    patch = Patch("xx---yy", [Unit(2, 5, "abcdef", "any")])
    assert [patch.span(3, 4), patch.span(1, 3), patch.span(7, 9)] == [(2, 5), (1, 5), (2, 6)]


def test_of_overlapping_units_the_first_and_longest_counts() -> None:
    units = [Unit(3, 6, "late", "b"), Unit(0, 2, "short", "c"), Unit(0, 4, "long", "a")]
    assert Patch("0123456789", units).text == "long456789"


@given(st.data())
def test_every_span_says_what_stands_there(data: st.DataObject) -> None:
    """Units here say their characters doubled, so the way back can be checked by eye."""
    source = data.draw(st.text("abcdef", max_size=20))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(source)))))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    units = [
        Unit(
            *(first, last, "".join(one * 2 for one in source[first:last]), "twice"),
            between([(at, at + 1) for at in range(first, last) for _ in range(2)]),
        )
        for first, last in pairs
    ]
    patch = Patch(source, units)
    for start in range(len(patch.text)):
        for end in range(start + 1, len(patch.text) + 1):
            first, last = patch.span(start, end)
            assert source[first] == patch.text[start]
            assert source[last - 1] == patch.text[end - 1]
