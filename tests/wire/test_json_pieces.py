"""JSON in pieces: every text that a parser finds in it, and every letter of its spelling."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.json_pieces import JsonPieces, Kind, Piece, escaped, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONG = 10**8
TEXTS = st.text(st.sampled_from('ab"\\/\n\té😀\x00\u2028 u0'), max_size=8)
SCALARS = st.one_of(
    TEXTS,
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
VALUES = TREES.map(lambda value: value if isinstance(value, (dict, list)) else [value])


def cut(text: str, cuts: Iterable[int]) -> Iterator[str]:
    places = sorted({place % (len(text) + 1) for place in cuts} | {0, len(text)})
    yield from (text[a:b] for a, b in pairwise(places))


def read(parts: Iterable[str]) -> tuple[JsonPieces, list[Piece]]:
    reader = JsonPieces()
    pieces = [piece for part in parts for piece in reader.feed(part)]
    return reader, pieces + reader.close()


def texts_of(pieces: Iterable[Piece]) -> list[tuple[Kind, str]]:
    found: list[tuple[Kind, str]] = []
    for kind, _, text in pieces:
        if kind in {Kind.KEY, Kind.STRING, Kind.NUMBER}:
            found.append((kind, text))
        elif kind in {Kind.PLAIN, Kind.ESCAPE}:
            found[-1] = (found[-1][0], found[-1][1] + text)
    return found


def leaves_of(value: Any) -> Iterator[tuple[Kind, str]]:
    if isinstance(value, str):
        yield Kind.STRING, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield Kind.KEY, key
            yield from leaves_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves_of(inner)
    elif type(value) is int and abs(value) >= LONG:
        yield Kind.NUMBER, str(value)
    elif type(value) is float and LONG <= abs(value) < 1e100:
        plain = f"{Decimal(repr(value)):f}"
        yield Kind.NUMBER, plain.removesuffix(".0")


@given(
    value=VALUES,
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 0, 2]),
    cuts=st.lists(st.integers(0, 500), max_size=9),
)
def test_all_texts_are_found_and_the_spelling_is_kept_however_it_is_cut(
    value: Any,
    ascii_only: bool,  # noqa: FBT001 - a value like the others
    indent: int | None,
    cuts: list[int],
) -> None:
    source = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    reader, pieces = read(cut(source, cuts))
    assert not reader.broken
    assert "".join(piece.source for piece in pieces) == source
    assert texts_of(pieces) == list(leaves_of(value))


@given(text=TEXTS)
def test_an_escaped_text_says_the_same(text: str) -> None:
    assert json.loads(f'"{escaped(text)}"') == text
    assert unescaped(escaped(text))[0] == text


@pytest.mark.parametrize(
    "source",
    [
        "text", '"text"', "12", "null", "{'a': 1}", '{"a": 1,}', "[1,]", '{"a" 1}', "[1 2]",
        "[NaN]", "[-Infinity]", "[01]", "[1.]", "[+1]", "[tru]", '["\\x41"]', '["\\u12g4"]',
        "[}", "{1: 2}",
        '{"a": 1]', "{} {}", "[] x", '["a" "b"]', "[1]]", "[" * 65, "[" + "1" * 4400, "// {}",
        '{"a": 1 /* */}', "\ufeff{}",
    ],
)  # fmt: skip
def test_what_is_no_json_is_known_for_it_whole_or_letter_by_letter(source: str) -> None:
    assert read([source, " "])[0].broken
    assert read([*source, " "])[0].broken


def test_scalars_wait_for_what_follows_them_so_that_none_leaves_in_parts() -> None:
    reader = JsonPieces()
    assert "".join(piece.source for piece in reader.feed('{"a":4111 ')) == '{"a":'
    assert reader.waiting == len("4111 ")
    assert reader.feed("1111 1111 1111}") == []
    assert reader.broken


def test_no_more_than_an_escape_waits_in_a_string() -> None:
    reader = JsonPieces()
    reader.feed('["a\\ud83d\\ude0')
    assert reader.waiting == len("\\ud83d\\ude0")
    assert reader.feed("0b")[0].text == "😀"


def test_half_a_character_is_no_text() -> None:
    _, pieces = read(['["\\ud83dx\\ude00"]'])
    assert texts_of(pieces) == [(Kind.STRING, "\ufffdx\ufffd")]


@pytest.mark.parametrize("rest", ['{"a": tru', '{"a": -', "[4111111111111111.", "[123456789e"])
def test_a_scalar_that_is_cut_off_is_a_text(rest: str) -> None:
    reader, pieces = read([rest])
    kind, source, text = next(piece for piece in pieces if piece.kind is Kind.NUMBER)
    assert (kind, source) == (Kind.NUMBER, text)
    assert rest.endswith(source)
    assert not reader.broken


@pytest.mark.parametrize(
    ("first", "second", "broken"),
    [('["ab', 'c"]', False), ('["a\\u00', '41"]', True), ("[12", "3]", True), ("[1", ",2]", False)],
)
def test_a_source_that_goes_on_after_its_end_is_json_if_no_letter_of_what_is_out_changes(
    first: str,
    second: str,
    broken: bool,  # noqa: FBT001 - a value like the others
) -> None:
    reader, _ = read([first])
    reader.feed(second)
    assert reader.broken is broken


def test_control_characters_stand_for_themselves() -> None:
    reader, pieces = read(['["a\nb\x00"]'])
    assert not reader.broken
    assert texts_of(pieces) == [(Kind.STRING, "a\nb\x00")]


def test_escapes_are_undone_wherever_they_stand_and_keep_their_places() -> None:
    source = r"a\n\u0062\ud83d\ude00\q"
    text, places = unescaped(source)
    assert text == "a\nb😀\\q"
    assert [source[a:b] for a, b in pairwise(places)] == [
        "a", r"\n", r"\u0062", r"\ud83d\ude00", "\\", "q",
    ]  # fmt: skip


def test_a_piece_shows_nothing_of_what_it_says() -> None:
    assert "secret" not in repr(Piece(Kind.PLAIN, "secret", "secret"))
