from __future__ import annotations

import os

import pytest

from bench.presidio import Side, consulted, figures, table
from bench.presidio_side import measure
from gateway.evaluation.rows import Row, Span

ENTITIES = ("US_SSN", "UK_NHS")
TEXTS = (
    Row("my SSN is 536-22-4199", "s", "pii-pattern", "user", (Span(10, 21, "US_SSN"),), "US_SSN"),
    Row("my SSN is 900-22-4199", "s", "pii-pattern", "user", (), "US_SSN"),
    Row("NHS number 943 476 5918", "s", "pii-pattern", "user", (), "UK_NHS"),
)
HASTY = Side(
    "hasty",
    (
        ((Span(12, 14, "US_SSN"), 0.4), (Span(0, 2, "UK_NHS"), 1.0)),
        ((Span(10, 21, "US_SSN"), 0.9),),
        ((Span(0, 9, "US_SSN"), 1.0), (Span(11, 23, "UK_NHS"), 0.3)),
    ),
    1.0,
)


def test_what_overlaps_counts_as_found_and_other_entities_of_a_near_miss_do_not() -> None:
    of = figures(TEXTS, HASTY, ENTITIES)
    ssn, nhs = of["US_SSN"], of["UK_NHS"]
    assert (ssn.expected, ssn.found, ssn.clean, ssn.false) == (1, 1, 1, 1)
    assert (nhs.expected, nhs.found, nhs.clean, nhs.false) == (0, 0, 1, 1)


def test_a_threshold_takes_what_has_a_lower_score() -> None:
    of = figures(TEXTS, HASTY.from_score(0.5), ENTITIES)
    assert (of["US_SSN"].found, of["US_SSN"].false, of["UK_NHS"].false) == (0, 1, 0)


def test_a_line_for_each_entity_and_one_for_all_with_both_scanners_side_by_side() -> None:
    silent = Side("silent", ((), (), ()), 1.0)
    assert table(TEXTS, [HASTY, silent], ENTITIES) == [
        ["", "expected", "without", "hasty: found, false", "silent: found, false"],
        ["UK_NHS", "0", "1", "0, 1", "0, 0"],
        ["US_SSN", "1", "1", "1, 1", "0, 0"],
        ["all", "1", "2", "1, 2", "0, 0"],
    ]


def test_the_gateways_side_reads_with_its_own_scanner_at_its_default_threshold() -> None:
    asked = ["US_SSN", "UK_NHS", "NO_SUCH_ENTITY"]
    given = {"texts": [row.text for row in TEXTS], "entities": asked, "rounds": 2}
    answer = measure("gateway", given)
    assert answer["knows"] == ["UK_NHS", "US_SSN"]
    assert answer["seconds"] > 0
    places = [[one[:3] for one in found] for found in answer["found"]]
    assert places == [[("US_SSN", 10, 21)], [], []]


@pytest.mark.skipif("PRESIDIO_PYTHON" not in os.environ, reason="PRESIDIO_PYTHON is not given")
def test_presidios_analyser_is_consulted_over_http() -> None:
    texts = ["my ssn is 536-22-8721", "\U0001f600 write to ada@example.org", "nothing"]
    heard = consulted(os.environ["PRESIDIO_PYTHON"], texts, ["US_SSN", "EMAIL_ADDRESS"])
    best = [max(found, key=lambda it: it[1])[0] if found else None for found in heard.found]
    assert best == [Span(10, 21, "US_SSN"), Span(11, 26, "EMAIL_ADDRESS"), None]
