from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.rating import Replacement
from gateway.scan.rewriting import Rewriter, rewrite

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=5)


def test_overlapping_replacements_share_the_first_label() -> None:
    spans = [Replacement(1, 4, "[A]"), Replacement(3, 6, "[B]"), Replacement(6, 7, "[C]")]
    assert rewrite("0123456789", spans) == "0[A][C]789"


@given(st.text(max_size=40), SPANS, st.lists(st.integers(0, 9), max_size=30))
def test_portions_come_to_the_whole(
    text: str, places: list[tuple[int, int]], counts: list[int]
) -> None:
    spans = [
        Replacement(start, start + size, f"[{start}]")
        for start, size in sorted(places)
        if start + size <= len(text)
    ]
    rewriter = Rewriter()
    rewriter.add(text, spans)
    parts = [rewriter.take(count) for count in [*counts, len(text)]]
    assert "".join(parts) == rewrite(text, spans)
    assert len(rewriter) == 0
