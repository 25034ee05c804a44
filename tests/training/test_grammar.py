from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.training.grammar import Draw, Grammar, GrammarError

if TYPE_CHECKING:
    from pathlib import Path


def grammar(folder: Path, text: str) -> Grammar:
    file = folder / "words.txt"
    file.write_text(text, encoding="utf-8")
    return Grammar([file])


def test_symbols_and_choices_are_drawn(tmp_path: Path) -> None:
    rules = grammar(tmp_path, "@greeting\n$(Hi|Hello) ${name}!\\n\n@name\nAnn\nBob\n")
    drawn = {rules.text("greeting", Draw(seed)) for seed in range(50)}
    assert drawn == {f"{word} {name}!\n" for word in ("Hi", "Hello") for name in ("Ann", "Bob")}


def test_one_seed_draws_one_text(tmp_path: Path) -> None:
    rules = grammar(tmp_path, "@a\n$(1|2|3|4)$(5|6|7|8)$(9|0)\n")
    assert rules.text("a", Draw(5)) == rules.text("a", Draw(5))
    assert len({rules.text("a", Draw(seed)) for seed in range(200)}) > 20


@given(st.integers(0, 2**64 - 1))
def test_a_draw_is_the_same_for_ever(seed: int) -> None:
    one, other = Draw(seed), Draw(seed)
    assert [one.number(1000) for _ in range(20)] == [other.number(1000) for _ in range(20)]


def test_splitmix_gives_its_published_first_numbers() -> None:
    assert Draw(1234567).number(2**53) == 6457827717110365317 >> 11


def test_draws_are_even() -> None:
    draw = Draw(1)
    counts = Counter(draw.number(5) for _ in range(10_000))
    assert all(abs(count - 2000) < 200 for count in counts.values())


@pytest.mark.parametrize(
    ("text", "match"),
    [("@a\n$b\n", "no such symbols: b"), ("@a\nx\n@a\ny\n", "there already")],
    ids=["a symbol that is missing", "a symbol twice"],
)
def test_a_wrong_grammar_is_refused(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(GrammarError, match=match):
        grammar(tmp_path, text)


def test_a_circle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GrammarError, match="back"):
        grammar(tmp_path, "@a\n$b\n@b\n$a\n").text("a", Draw(1))
