"""Names that stand for all names."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.witness import STRANGER, common_name, name_of, witnesses

GLOBS = st.text("ab-*?[]!", min_size=1, max_size=7) | st.sampled_from(
    ["gpt-5", "gpt-*", "*-preview*", "claude-[ab]*", "[!a]*", "[", "*", "[!]a]b", "[]a]*", "[b-d]?"]
)
NAMES = st.text("abc-[]!", max_size=8)


@given(GLOBS)
def test_a_globs_name_is_matched_by_it(glob: str) -> None:
    name = name_of(glob)
    assert name is None or fnmatchcase(name, glob)


@given(GLOBS, NAMES)
def test_a_glob_that_matches_anything_has_a_name(glob: str, name: str) -> None:
    if fnmatchcase(name, glob):
        assert name_of(glob) is not None


@given(GLOBS, GLOBS)
def test_a_common_name_is_matched_by_both(one: str, other: str) -> None:
    name = common_name(one, other)
    assert name is None or (fnmatchcase(name, one) and fnmatchcase(name, other))


@given(GLOBS, GLOBS, NAMES)
def test_where_any_name_is_common_a_shortest_is_found(one: str, other: str, name: str) -> None:
    if fnmatchcase(name, one) and fnmatchcase(name, other):
        found = common_name(one, other)
        assert found is not None
        assert len(found) <= len(name)


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("[a-m]x", "[m-z]?", "mx"),
        ("[!bd]", "[b-d]", "c"),
        ("[!a-y]*", "[b-z]*z", "zz"),
        ("gpt-*", "claude-*", None),
        ("gpt-*", "*-preview*", "gpt-preview"),
        ("[b-a]", "*", None),
    ],
)
def test_sets_meet_where_their_ranges_do(one: str, other: str, name: str | None) -> None:
    assert common_name(one, other) == common_name(other, one) == name


def test_overlaps_of_globs_have_their_witness() -> None:
    found = witnesses(["claude-*", "*-preview*", "gpt-5"])
    assert "gpt-5" in found
    assert STRANGER in found
    assert any(fnmatchcase(name, "claude-*") and "-preview" in name for name in found)
    assert any(fnmatchcase(name, "claude-*") and "-preview" not in name for name in found)
    assert len(found) == 5


def test_names_that_no_glob_tells_apart_have_one_witness() -> None:
    assert witnesses(["*"]) == (STRANGER,)
    assert witnesses(["gpt-*", "gpt-?*"]) == witnesses(["gpt-*", "gpt-?*", "gpt-*"])
    assert witnesses([]) == (STRANGER,)


def test_a_glob_that_matches_nothing_has_no_witness() -> None:
    assert witnesses(["[b-a]", "m"]) == (STRANGER, "m")


@given(st.lists(GLOBS, max_size=3), NAMES.filter(bool))
def test_every_pair_of_globs_that_match_together_has_a_witness(globs: list[str], name: str) -> None:
    matched = {glob for glob in globs if fnmatchcase(name, glob)}
    for one in matched:
        for other in matched:
            assert any(
                fnmatchcase(found, one) and fnmatchcase(found, other) for found in witnesses(globs)
            )


@given(st.lists(GLOBS, max_size=4))
def test_no_two_witnesses_stand_for_the_same_globs(globs: list[str]) -> None:
    stands = [frozenset(g for g in globs if g == n or fnmatchcase(n, g)) for n in witnesses(globs)]
    assert len(set(stands)) == len(stands)


@pytest.mark.parametrize("glob", ["a" * 200 + "*", "*a" * 100, "[" * 100, "*?" * 100])
def test_long_globs_cost_little(glob: str) -> None:
    assert witnesses([glob, "*b*", "*-preview*", "*a?" * 40])
