from __future__ import annotations

import pytest

from gateway.evaluation.judging import Judged
from gateway.evaluation.rows import Span
from gateway.evaluation.values import ALIASES, entity_figures, secret_figures
from gateway.scan.engine import known_entities


def row(
    spans: list[tuple[int, int, str]],
    found: list[tuple[int, int, str]],
    *,
    kind: str = "pii",
    entity: str = "",
    secret: bool = False,
) -> Judged:
    return Judged(
        "set/part",
        kind,
        "user",
        0.0,
        flagged=False,
        blocked=False,
        secret=secret,
        found=tuple(Span(*one) for one in found),
        spans=tuple(Span(*one) for one in spans),
        entity=entity,
    )


def test_places_that_touch_are_the_same() -> None:
    rows = [
        row([(0, 9, "EMAIL")], [(2, 5, "EMAIL_ADDRESS")]),
        row([(0, 9, "EMAIL")], [(9, 12, "EMAIL_ADDRESS")]),
        row([], [(0, 4, "EMAIL_ADDRESS")]),
        row([], []),
    ]
    (figures,), _ = entity_figures(rows, {"EMAIL_ADDRESS"})
    assert (figures.source, figures.entity) == ("set", "EMAIL_ADDRESS")
    assert (figures.expected, figures.found) == (2, 1)
    assert (figures.reported, figures.right) == (3, 1)
    assert (figures.clean, figures.false) == (2, 1)
    assert figures.recall == 0.5
    assert figures.precision == pytest.approx(1 / 3)
    assert figures.f2 == pytest.approx(5 / 11)


def test_a_row_for_one_type_says_nothing_of_others() -> None:
    rows = [
        row([], [(0, 9, "US_SSN"), (0, 9, "PHONE_NUMBER")], kind="pii-pattern", entity="US_SSN"),
        row([(0, 9, "PHONE")], [], kind="pii-pattern", entity="PHONE"),
    ]
    figures, _ = entity_figures(rows, {"US_SSN", "PHONE_NUMBER"})
    assert [(one.entity, one.reported, one.expected) for one in figures] == [
        ("PHONE_NUMBER", 0, 1),
        ("US_SSN", 1, 0),
    ]
    assert figures[0].precision is None
    assert figures[0].f2 == 0.0
    assert figures[1].recall is None
    assert figures[1].f2 is None


def test_types_that_nobody_looks_for_are_named() -> None:
    rows = [row([(0, 2, "HAT"), (3, 4, "HAT"), (5, 6, "EMAIL")], [])]
    figures, unknown = entity_figures(rows, {"EMAIL_ADDRESS"})
    assert [one.entity for one in figures] == ["EMAIL_ADDRESS"]
    assert unknown == {"HAT": 2}


def test_secrets_and_what_only_looks_like_one() -> None:
    rows = [
        row([], [], kind="secret", secret=True),
        row([], [], kind="secret"),
        row([], [], kind="secret-negative", secret=True),
        row([], [(0, 1, "X")], kind="pii"),
    ]
    (figures,) = secret_figures(rows)
    assert (figures.secrets, figures.found, figures.others, figures.fired) == (2, 1, 1, 1)


def test_aliases_do_not_rename_what_is_looked_for() -> None:
    assert known_entities()["pii"].isdisjoint(ALIASES)
