from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scripts.training.disguises import disguised
from scripts.training.grammar import Draw

TEXT = "Please read the first line again, and then the second one."


@given(st.text(max_size=60), st.integers(0, 2**32))
def test_any_text_may_be_disguised(text: str, seed: int) -> None:
    assert isinstance(disguised(text, Draw(seed)), str)


def test_some_texts_are_and_most_are_not() -> None:
    changed = [disguised(TEXT, Draw(seed)) != TEXT for seed in range(500)]
    assert 50 < sum(changed) < 200


def test_disguises_are_of_many_kinds() -> None:
    found = {disguised(TEXT, Draw(seed)) for seed in range(500)}
    assert {TEXT.lower(), TEXT.upper(), f"**{TEXT}**", TEXT.replace(" ", "_")} <= found
    assert any("1" in one or "3" in one for one in found)
