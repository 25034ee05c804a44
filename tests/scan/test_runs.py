from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.scan.runs import CleanRun, CleanRuns

if TYPE_CHECKING:
    from gateway.terms import Provenance

CLEAN = CleanRun(3, 3, ("pii",))
USERS: tuple[Provenance, ...] = ("user", "user")


def test_a_run_is_known_as_a_whole_and_to_the_same_scanners_only() -> None:
    runs = CleanRuns()
    key = runs.key(["ab", "c"], USERS, ("pii",))
    assert key is not None
    runs.put(key, CLEAN)
    assert runs.get(key) == CLEAN
    others = (
        runs.key(["a", "bc"], USERS, ("pii",)),
        runs.key(["abc", ""], USERS, ("pii",)),
        runs.key(["c", "ab"], USERS, ("pii",)),
        runs.key(["ab", "c"], ("user", "tool"), ("pii",)),
        runs.key(["ab", "c"], USERS, ("pii", "secrets")),
    )
    assert all(other is not None and runs.get(other) is None for other in others)


@pytest.mark.parametrize("size", [2**16, 2**16 + 1])
def test_a_run_that_is_very_long_has_no_name(size: int) -> None:
    assert (CleanRuns().key(["x" * size] * 2, USERS, ()) is None) == (size > 2**16)


def test_the_least_recently_used_is_forgotten() -> None:
    runs = CleanRuns(entries=2)
    keys = [runs.key([text], ("user",), ()) or () for text in "abc"]
    for key in keys[:2]:
        runs.put(key, CLEAN)
    assert runs.get(keys[0]) == CLEAN
    runs.put(keys[2], CLEAN)
    assert [runs.get(key) for key in keys] == [CLEAN, None, CLEAN]
