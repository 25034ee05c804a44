"""Globs over names of models."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.globs import MAX_MODEL, GlobTable, covers

GLOBS = st.text("ab-*?[]!", min_size=1, max_size=6)
MODELS = st.text("ab-A", max_size=6)


def found(globs: list[str], name: str) -> set[str]:
    return set(GlobTable([((glob,), glob) for glob in globs]).find(name))


@given(st.lists(GLOBS, max_size=5), MODELS)
def test_the_table_finds_what_fnmatch_matches(globs: list[str], name: str) -> None:
    assert found(globs, name) == {glob for glob in globs if fnmatchcase(name, glob)}


@given(GLOBS, GLOBS, MODELS)
def test_a_glob_covers_another_only_if_it_matches_all_that_the_other_does(
    wider: str, glob: str, name: str
) -> None:
    if covers(wider, glob) and fnmatchcase(name, glob):
        assert fnmatchcase(name, wider)


@pytest.mark.parametrize(
    ("wider", "glob"), [("*", "gpt-*"), ("gpt-*", "gpt-5"), ("gpt-?", "gpt-?")]
)
def test_covered(wider: str, glob: str) -> None:
    assert covers(wider, glob)


def test_upper_and_lower_case_are_told_apart() -> None:
    assert found(["GPT-*", "gpt-5"], "gpt-5") == {"gpt-5"}


def test_without_globs_every_name_belongs() -> None:
    table = GlobTable([((), "any"), (("a",), "a")])
    assert table.find("b") == ["any"]


def test_a_name_that_is_too_long_belongs_to_no_glob() -> None:
    table = GlobTable([((), "any"), (("*",), "star")])
    assert table.find("a" * MAX_MODEL) == ["any", "star"]
    assert table.find("a" * (MAX_MODEL + 1)) == ["any"]
