from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.scan import normalise
from gateway.scan.folding import FOLD
from gateway.scan.normalise import _ESCAPES, Layer, _Units, open_unit, plainer, unfold, way_back

PIECES = [
    "&#105;",
    "&amp;",
    "%69",
    "%E2%80%8B",
    "\\u0069",
    "\\x69",
    "\\\\",
    "\u200b",
    "\uff49",
    "e\u0301",
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12).map("".join)


def layer_of(text: str) -> Layer:
    layer = unfold(text)
    assert layer is not None
    return layer


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("&#105;gn&#x6F;re", "ignore"),
        ("ign&shy;ore", "ign\u00adore"),
        ("%69gnore%20me", "ignore me"),
        ("\\u0069gnore \\x6de", "ignore me"),
        ("\\ud83d\\ude00", "\U0001f600"),
        ("i\u200bg\u2060n\u00adore", "ignore"),
        ("\uff49\uff47\uff4e\uff4f\uff52\uff45", "ignore"),
        ("\U0001d422\U0001d420\U0001d427\U0001d428\U0001d42b\U0001d41e", "ignore"),
        ("\u0456gn\u043er\u0435", "ignore"),
        ("i\u0301g\u0336nore", "ignore"),
        ("\u202eignore\u202c", "ignore"),
        ("".join(chr(0xE0000 + ord(char)) for char in "ignore"), "ignore"),
        ("x" + "".join(chr(0xE0100 + ord(char) - 16) for char in "ignore"), "xignore"),
    ],
)
def test_a_layer_takes_the_disguise_off(disguised: str, plain: str) -> None:
    assert layer_of(disguised).text == plain


@pytest.mark.parametrize(
    "text", ["plain", "", "a & b", "100 % of", "C:\\dir", "&bogus;", "&#xD800;", "%ff%zz", "日本語"]
)
def test_honest_text_is_left_alone(text: str) -> None:
    assert unfold(text) is None


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_spans_map_into_the_source_in_order(text: str) -> None:
    layer = unfold(text)
    if layer is None:
        return
    starts = [layer.source_start(index) for index in range(len(layer.text))]
    ends = [layer.source_end(index + 1) for index in range(len(layer.text))]
    assert starts == sorted(starts)
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(starts, ends, strict=True))


def naive(text: str) -> list[tuple[str, int, int]]:
    """Every character of the layer, and the part of the source that it is made of."""
    found: list[tuple[str, int, int]] = []
    at = 0
    while at < len(text):
        start, char = at, text[at]
        unit = _ESCAPES[char](text, at) if char in _ESCAPES else None
        plain = FOLD[ord(char)] if ord(char) > 127 else char
        at, plain = unit or (at + 1, plain)
        found += [(one, start, at) for one in plain]
    return found


@settings(max_examples=250, deadline=None)
@given(TEXTS)
@example("so \ufdd0 & \ufdd0")
@example("\uff06amp; \uff05\uff16\uff11 …")
@example("日本語 é “x” сегодня\u200b")
def test_each_character_comes_from_where_a_plain_reading_finds_it(text: str) -> None:
    layer = unfold(text)
    wanted = naive(text)
    if layer is None:
        assert "".join(one for one, _, _ in wanted) == text
        return
    assert layer.text == "".join(one for one, _, _ in wanted)
    places = [(layer.source_start(at), layer.source_end(at + 1)) for at in range(len(layer.text))]
    assert places == [(start, end) for _, start, end in wanted]


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(0, 60))
def test_a_text_cut_between_units_comes_to_the_same(text: str, cut: int) -> None:
    layer = unfold(text)
    if layer is None:
        return
    cut = layer.snap(min(cut, len(text)))
    parts = [
        part if (one := unfold(part)) is None else one.text for part in (text[:cut], text[cut:])
    ]
    assert "".join(parts) == layer.text
    assert layer.index(cut) == len(parts[0])


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
@example("%E2%80%8B%E2%80%8B", "")
def test_what_stands_before_an_open_unit_no_longer_changes(text: str, more: str) -> None:
    layer = unfold(text)
    cut = open_unit(text) if layer is None else layer.snap(open_unit(text))
    before, whole = unfold(text[:cut]), unfold(text + more)
    plain = text[:cut] if before is None else before.text
    assert (text + more if whole is None else whole.text).startswith(plain)


def test_invisible_characters_are_told() -> None:
    layer = layer_of("ab\u200bcd &amp;")
    assert layer.hides(0, 5)
    assert not layer.hides(3, 11)


@settings(max_examples=250)
@given(TEXTS)
@example("%41%E2%82%AC%ff%42&bogus;&#xD800;&#105;\\ud83d\\ude00\\")
@example("so \ufdd0 & \ufdd0 %E2%82")
def test_the_short_way_comes_to_the_same_text(text: str) -> None:
    layer = unfold(text)
    assert plainer(text) == (text if layer is None else layer.text)


@given(st.lists(st.one_of(TEXTS, st.sampled_from(" \n日")), max_size=6).map("".join))
def test_a_text_that_is_read_in_pieces_says_what_it_says_at_once(text: str) -> None:
    plain, layer = plainer(text), unfold(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(normalise, "_LONG", 2)
        patch.setattr(normalise, "_PIECE", 1)
        assert plainer(text) == plain
        assert plain != text or len(text) <= 2 or plainer(text) is text
        again, back = unfold(text), way_back(text)
    assert (again and again.text) == (layer and layer.text)
    if again is not None and layer is not None:
        assert again._units == layer._units
    assert (back._units if back else _Units()) == (layer._units if layer else _Units())
