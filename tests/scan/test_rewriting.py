from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.finding import Replacement
from gateway.scan.rewriting import Rewriter, rewrite

if TYPE_CHECKING:
    from gateway.scan.runs import Run

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=5)


def test_overlapping_replacements_share_the_first_label() -> None:
    spans = [
        Replacement(1, 4, "redact", "A"),
        Replacement(3, 6, "redact", "B"),
        Replacement(6, 7, "redact", "C"),
    ]
    assert rewrite("0123456789", spans) == "0[A][C]789"


class Bracketing:
    """Says of each value what it was, in brackets of its own."""

    def stand_in(self, one: Replacement, value: str) -> str:
        return f"<{one.entity}:{value}>"

    def value(self, written: str) -> str | None:
        return written.upper() if written != "?" else None

    @property
    def in_json(self) -> Bracketing:
        return self

    def again(self, run: Run) -> Bracketing:
        return self


def test_of_overlapping_values_both_can_be_restored() -> None:
    spans = [Replacement(1, 4, "tokenise", "A"), Replacement(3, 6, "tokenise", "B")]
    assert rewrite("0123456789", spans, Bracketing()) == "0<A:123><B:45>6789"


def test_a_value_inside_another_and_one_beside_a_redaction_need_nothing_of_their_own() -> None:
    spans = [
        Replacement(1, 6, "tokenise", "A"),
        Replacement(3, 4, "tokenise", "B"),
        Replacement(6, 8, "redact", "C"),
        Replacement(7, 9, "tokenise", "D"),
    ]
    assert rewrite("0123456789", spans, Bracketing()) == "0<A:12345>[C]9"


def test_a_stand_in_becomes_its_value_or_stays() -> None:
    spans = [Replacement(0, 1, "stand_in", "S"), Replacement(2, 3, "stand_in", "S")]
    assert rewrite("a ?", spans, Bracketing()) == "A ?"
    assert rewrite("a ?", spans) == "a ?"


def test_who_knows_no_stand_ins_redacts() -> None:
    assert rewrite("abc", [Replacement(1, 2, "tokenise", "A")]) == "a[A]c"


@given(st.text(max_size=40), SPANS, st.lists(st.integers(0, 9), max_size=30))
def test_portions_come_to_the_whole(
    text: str, places: list[tuple[int, int]], counts: list[int]
) -> None:
    spans = [
        Replacement(start, start + size, "redact", f"N{start}")
        for start, size in sorted(places)
        if start + size <= len(text)
    ]
    rewriter = Rewriter()
    rewriter.add(text, spans)
    parts = [rewriter.take(count) for count in [*counts, len(text)]]
    assert "".join(parts) == rewrite(text, spans)
    assert len(rewriter) == 0


@given(st.text(max_size=40), SPANS, st.integers(1, 9))
def test_a_long_text_is_rewritten_in_pieces_and_comes_to_the_same(
    text: str, spans: list[tuple[int, int]], piece: int
) -> None:
    kinds: tuple[Literal["redact", "tokenise", "stand_in"], ...]
    kinds = ("redact", "tokenise", "stand_in")
    found = [
        Replacement(start, min(start + size, len(text)), kinds[number % 3], f"E{number}")
        for number, (start, size) in enumerate(sorted(spans))
        if start < len(text)
    ]
    whole = rewrite(text, found, Bracketing())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.scan.rewriting._PIECE", piece)
        assert rewrite(text, found, Bracketing()) == whole
