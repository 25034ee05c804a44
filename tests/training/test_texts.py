from __future__ import annotations

import pytest

from scripts.training.grammar import Draw
from scripts.training.learning import chosen
from scripts.training.texts import ATTACKS, HARMLESS, HONEST, ORDERS, generated, grammar, made_up


def test_one_seed_makes_one_set_of_texts() -> None:
    assert list(made_up(50, seed=3)) == list(made_up(50, seed=3)) != list(made_up(50, seed=4))


def test_texts_are_many_and_none_is_there_twice() -> None:
    rows = list(made_up(1500, seed=1))
    assert len({row.text for row in rows}) == len(rows) > 4000
    assert {row.attack for row in rows} == {True, False}


def test_honest_set_ups_are_harmless_and_taught_to_the_head_of_users_alone() -> None:
    rows = [row for row in generated(400, seed=1) if row.group in HONEST]
    assert len(rows) > 80
    assert not any(row.attack for row in rows)
    assert rows == chosen(rows, "user")
    assert chosen(rows, "data") == []


def test_an_attack_is_where_the_row_says() -> None:
    for row in made_up(300, seed=2):
        if row.attack and row.group not in ("mail_order", "result_order"):
            assert 0 <= row.start < row.end <= len(row.text)
            assert not row.data or row.end - row.start < len(row.text)


@pytest.mark.parametrize("symbol", [*ATTACKS, *HARMLESS, *HONEST, *ORDERS])
def test_every_family_has_many_texts_without_a_rest_of_its_grammar(symbol: str) -> None:
    texts = {grammar().text(symbol, Draw(seed)) for seed in range(60)}
    assert len(texts) >= 12
    assert not any("$(" in text or "${" in text for text in texts)
