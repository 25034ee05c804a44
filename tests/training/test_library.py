from __future__ import annotations

from scripts.training.library import CODE, MANUAL, library


def test_passages_are_harmless_and_the_same_every_time() -> None:
    rows = list(library(20))
    assert rows == list(library(20))
    assert {row.source for row in rows} == {CODE, MANUAL}
    assert not any(row.attack for row in rows)
    assert all(row.data and len(row.text) <= 1200 for row in rows)


def test_tests_and_packages_are_left_out() -> None:
    assert not any(row.group.startswith("test_") for row in library(200))
