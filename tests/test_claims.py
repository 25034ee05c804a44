from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.claims import claim_at, strings_at

CLAIMS: dict[str, object] = {
    "roles": ["a", "b"],
    "realm_access": {"roles": ["admin"]},
    "https://example.com/roles": ["auditor"],
    "cognito:groups": ["eng"],
    "app": {"https://example.com/roles": "one", "inner": {"deep": 7}},
    "a.b": "whole",
    "a": {"b": "inner", "c": None},
    "mixed": ["a", 1],
    "number": 4,
    "empty": [],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("roles", ("a", "b")),
        ("realm_access.roles", ("admin",)),
        ("https://example.com/roles", ("auditor",)),
        ("cognito:groups", ("eng",)),
        ("app.https://example.com/roles", ("one",)),
        ("a.b", ("whole",)),
        ("a.c", ()),
        ("mixed", ()),
        ("number", ()),
        ("empty", ()),
        ("missing", ()),
        ("roles.0", ()),
        ("realm_access", ()),
        ("", ()),
        (".", ()),
        ("app..inner", ()),
    ],
)
def test_strings_at(path: str, expected: tuple[str, ...]) -> None:
    assert strings_at(CLAIMS, path) == expected


def test_claim_at_gives_values_of_any_type() -> None:
    assert claim_at(CLAIMS, "app.inner.deep") == 7
    assert claim_at(CLAIMS, "app.inner") == {"deep": 7}
    assert claim_at(CLAIMS, "number") == 4


NAMES = st.text(st.characters(exclude_characters="."), min_size=1, max_size=5)


@given(st.lists(NAMES, min_size=1, max_size=5), st.integers())
def test_a_nested_value_is_found_by_its_dotted_path(names: list[str], value: int) -> None:
    claims: object = value
    for name in reversed(names):
        claims = {name: claims}
    assert isinstance(claims, dict)
    assert claim_at(claims, ".".join(names)) == value


@given(st.text(), st.dictionaries(st.text(), st.integers()))
def test_any_path_gives_a_value_or_none(path: str, claims: dict[str, object]) -> None:
    assert claim_at(claims, path) == claims.get(path)
