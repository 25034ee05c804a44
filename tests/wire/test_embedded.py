"""JSON inside strings: taken apart only where nothing of it can be missed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.embedded import dump_embedded, parse_embedded

CONTAINERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab é"), inner, max_size=4),
    max_leaves=10,
).filter(lambda value: isinstance(value, (dict, list)))


@given(CONTAINERS)
def test_what_is_dumped_is_parsed(value: dict[str, Any] | list[Any]) -> None:
    assert parse_embedded(dump_embedded(value)) == value
    assert parse_embedded(json.dumps(value)) == value


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "plain words",
        '"a string"',
        "4111111111111111",
        '{"a": "seen", "a": "hidden"}',
        '{"b": {"a": 1, "a": 2}}',
        "[NaN]",
        "[Infinity]",
        "[1e999]",
        '{"a": [-1E400]}',
        '["\\ud800"]',
        '{"a": 1',
        '{"a": 1} and more',
        "[" * 65 + "]" * 65,
        "[" * 100_000 + "]" * 100_000,
        "[" + "9" * 5000 + "]",
    ],
)
def test_what_could_hide_something_is_a_text_as_it_stands(raw: str) -> None:
    assert parse_embedded(raw) is None


def test_large_numbers_keep_every_digit() -> None:
    value = parse_embedded('{"n": 123456789012345678901234567890}')
    assert dump_embedded(value) == '{"n":123456789012345678901234567890}'


def test_sixty_four_levels_are_taken_apart() -> None:
    assert parse_embedded("[" * 64 + "]" * 64) is not None


@given(st.text())
def test_no_string_raises(raw: str) -> None:
    parse_embedded(raw)
