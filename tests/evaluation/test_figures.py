from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation.figures import (
    RATES,
    attack_figures,
    harmless_figures,
    macro,
    threshold,
)
from gateway.evaluation.judging import Judged

SCORES = st.lists(st.integers(0, 20).map(lambda value: value / 20), min_size=1, max_size=40)


def judged(source: str, kind: str, score: float, provenance: str = "user") -> Judged:
    return Judged(
        source, kind, provenance, score, score >= 0.6, score >= 0.9, False, (), (), ""  # type: ignore[arg-type]
    )  # fmt: skip


@given(st.lists(SCORES, min_size=1, max_size=4), st.sampled_from([0.0, 0.001, 0.01, 0.1, 0.5]))
def test_a_threshold_keeps_its_promise_and_gives_nothing_away(
    sets: list[list[float]], rate: float
) -> None:
    def above(score: float) -> float:
        return sum(sum(one >= score for one in scores) / len(scores) for scores in sets) / len(sets)

    least = threshold(sets, rate)
    assert above(least) <= rate
    lower = [score for scores in sets for score in scores if score < least]
    assert not lower or above(max(lower)) > rate


def test_recall_is_told_at_the_threshold_of_the_other_sets() -> None:
    rows = [
        *(judged("mine", "direct", score) for score in (0.2, 0.5, 0.7, 0.95)),
        judged("mine", "benign", 1.0),
        *(judged("other", "benign", 0.3) for _ in range(100)),
        judged("other", "benign", 0.99, "tool"),
    ]
    (mine,) = attack_figures(rows)
    assert (mine.source, mine.kinds, mine.texts) == ("mine", ("direct",), 4)
    # The harmless text of the same set, however high it scores, has no say.
    assert mine.recall == {RATES[0]: 0.75, RATES[1]: 0.75}
    assert (mine.flagged, mine.blocked) == (0.5, 0.25)
    assert mine.curve[0].recall == 0.25
    assert mine.curve[-1].false_positives == 1.0


def test_a_tools_texts_are_held_against_harmless_texts_of_tools() -> None:
    rows = [
        judged("attacks", "indirect", 0.5, "tool"),
        judged("other", "benign", 0.9, "user"),
        judged("other", "benign", 0.1, "tool"),
    ]
    assert attack_figures(rows)[0].recall[0.01] == 1.0


def test_without_harmless_texts_no_recall_is_told() -> None:
    (only,) = attack_figures([judged("mine", "direct", 1.0), judged("mine", "benign", 0.0)])
    assert only.recall == {RATES[0]: None, RATES[1]: None}
    assert only.curve == ()
    assert macro([0.5, None]) is None
    assert macro([]) is None


def test_each_set_weighs_the_same() -> None:
    assert macro([1.0, 0.0]) == 0.5
    # One alarm in a set of four is as bad as a hundred in one of four hundred.
    sets = [[0.9, 0.1, 0.1, 0.1], [0.1] * 400]
    assert threshold(sets, 0.125) == pytest.approx(0.1, abs=1e-6)
    assert threshold(sets, 0.124) == pytest.approx(0.9, abs=1e-6)


def test_harmless_sets_come_by_kind() -> None:
    rows = [
        judged("b", "harmful", 0.95),
        judged("a", "benign-hard", 0.7),
        judged("c", "benign", 0.0),
        judged("c", "benign", 0.65),
        judged("d", "pii", 1.0),
    ]
    figures = harmless_figures(rows)
    assert [(one.source, one.flagged, one.blocked) for one in figures] == [
        ("c", 0.5, 0.0),
        ("a", 1.0, 0.0),
        ("b", 1.0, 1.0),
    ]
