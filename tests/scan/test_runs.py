from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.scan.finding import Finding, Scan
from gateway.scan.runs import Found, Run, Runs
from gateway.terms import Action

if TYPE_CHECKING:
    from gateway.terms import Provenance

CLEAN = Run(3, 3, ("pii",))
USERS: tuple[Provenance, ...] = ("user", "user")


def test_a_run_is_known_as_a_whole_and_to_the_same_scanners_only() -> None:
    runs = Runs()
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
    assert (Runs().key(["x" * size] * 2, USERS, ()) is None) == (size > 2**16)


def found(count: int) -> Run:
    one = Finding("pii", "EMAIL_ADDRESS", 0, 9, 1.0, Action.FLAG)
    return Run(3, 3, ("pii",), (Found(0, Scan((one,) * (count - 1), 9, Action.FLAG), (one,)),))


def test_what_stands_before_a_run_is_no_part_of_it() -> None:
    runs = Runs()
    names = {
        runs.key(["ab", "c"], USERS, ()),
        runs.key(["ab", "c"], USERS[:1], ()),
        runs.key(["", "ab", "c"], USERS, ()),
        runs.key(["a", "b", "c"], USERS, ()),
    }
    assert len(names) == 4


def test_what_was_found_moves_with_its_text() -> None:
    one = found(3).found[0]
    assert one.moved(0) == one
    assert one.moved(8).moved(32) == one._replace(number=40)
    assert one.size == 3


def test_a_run_with_very_many_findings_is_not_remembered() -> None:
    runs = Runs()
    key = runs.key(["a"], ("user",), ()) or b""
    runs.put(key, found(257))
    assert runs.get(key) is None
    runs.put(key, found(256))
    assert runs.get(key) == found(256)


def test_findings_are_bounded_in_all_runs_together() -> None:
    runs = Runs(size=10)
    keys = [runs.key([text], ("user",), ()) or b"" for text in "abc"]
    for key, count in zip(keys, (4, 5, 6), strict=True):
        runs.put(key, found(count))
    assert [runs.get(key) is None for key in keys] == [True, True, False]
    runs.put(keys[2], found(3))
    runs.put(keys[0], found(7))
    assert [runs.get(key) is None for key in keys] == [False, True, False]


def test_the_least_recently_used_is_forgotten() -> None:
    runs = Runs(entries=2)
    keys = [runs.key([text], ("user",), ()) or b"" for text in "abc"]
    for key in keys[:2]:
        runs.put(key, CLEAN)
    assert runs.get(keys[0]) == CLEAN
    runs.put(keys[2], CLEAN)
    assert [runs.get(key) for key in keys] == [CLEAN, None, CLEAN]
