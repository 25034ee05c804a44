from __future__ import annotations

import pytest

from gateway.scan.entropy import entropy, is_placeholder


def test_entropy_in_bits_of_each_character() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2


@pytest.mark.parametrize(
    "value", ["AKIAIOSFODNN7EXAMPLE", "xxxxxxxxxxxx", "${VAR}", "changeme", "<token>", "$TOKEN"]
)
def test_placeholders(value: str) -> None:
    assert is_placeholder(value)


def test_a_random_value_is_no_placeholder() -> None:
    assert not is_placeholder("9f8e7d6c5b4a3f2e1d0c9b8a")
