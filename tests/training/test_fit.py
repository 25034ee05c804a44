from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scripts.training.fit import Examples, fit


def examples(rows: list[list[int]], attack: list[int]) -> Examples:
    return Examples(
        np.array([row for one in rows for row in one], np.uint32),
        np.cumsum([len(one) for one in rows]),
        np.ones(len(rows)),
        np.array(attack, np.float64),
        np.ones(len(rows)),
    )


def test_what_tells_attacks_apart_gets_weight() -> None:
    table, _ = fit(examples([[0, 1], [0, 2], [0, 3], [0, 1, 3]], [1, 0, 0, 1]), 8, penalty=0.01,
                   steps=40)  # fmt: skip
    assert table[1] > 0.3
    assert table[2] < 0
    assert table[7] == 0


def test_it_is_where_the_loss_is_least() -> None:
    """With one feature the best weight solves ``sigmoid(-w) = penalty * w`` (no bias is needed)."""
    table, bias = fit(examples([[0], [1]], [1, 0]), 2, penalty=0.05, steps=100)
    weight = float(table[0] - table[1]) / 2
    assert abs(bias) < 1e-6
    assert abs(1 / (1 + np.exp(weight)) / 2 - 0.05 * weight) < 1e-4


@given(st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=6), min_size=2, max_size=8))
def test_it_comes_to_the_same_bits_every_time(rows: list[list[int]]) -> None:
    attack = [index % 2 for index in range(len(rows))]
    first = fit(examples(rows, attack), 16, penalty=1e-3, steps=10)
    second = fit(examples(rows, attack), 16, penalty=1e-3, steps=10)
    assert first[0].tobytes() == second[0].tobytes()
    assert first[1] == second[1]
