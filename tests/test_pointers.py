"""JSON Pointers: what is one, where it leads, and when two lead to the same place."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pointers import EVERY, overlapping, parse_pointer

STEPS = st.lists(
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("/prompt", ("prompt",)),
        ("/history/*/text", ("history", EVERY, "text")),
        ("/a~1b/c~0d/~01", ("a/b", "c~d", "~1")),
        ("/0/-", ("0", "-")),
    ],
)
def test_a_pointer_is_taken_apart_as_rfc_6901_says(text: str, steps: tuple[str, ...]) -> None:
    assert parse_pointer(text) == steps


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begins with '/'"),
        ("prompt", "begins with '/'"),
        ("#/prompt", "begins with '/'"),
        ("$.prompt", "begins with '/'"),
        ("/", "empty step"),
        ("/prompt/", "empty step"),
        ("//prompt", "empty step"),
        ("/a~", "~0"),
        ("/a~2b", "~0"),
        ("/a\nb", "~0"),
        ("/a" * 17, "at most 16 steps"),
        ("/" + "a" * 256, "256 characters"),
    ],
)
def test_what_is_no_pointer_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_pointer(text)


@given(STEPS)
def test_any_keys_can_be_pointed_to(steps: list[str]) -> None:
    text = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    if len(text) <= 256:
        assert parse_pointer(text) == tuple(steps)


@pytest.mark.parametrize(
    ("pointers", "found"),
    [
        (("/a", "/b"), None),
        (("/a/*/x", "/a/*/y"), None),
        (("/a/0", "/a/1"), None),
        (("/a/0/x", "/a/*/y"), None),
        (("/a", "/ab"), None),
        (("/a", "/b", "/a"), ("/a", "/a")),
        (("/a", "/a/b"), ("/a", "/a/b")),
        (("/a/*", "/a/0"), ("/a/*", "/a/0")),
        (("/*", "/a/b"), ("/*", "/a/b")),
        (("/a/*/x", "/*/0"), ("/a/*/x", "/*/0")),
        (("/a~1b", "/a/b"), None),
        (("/~0", "/*/x"), ("/~0", "/*/x")),
    ],
)
def test_two_that_may_lead_to_the_same_place_are_found(
    pointers: tuple[str, ...], found: tuple[str, str] | None
) -> None:
    assert overlapping(pointers) == found
    for order in permutations(pointers):
        assert (overlapping(order) is None) == (found is None)
