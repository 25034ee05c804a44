from __future__ import annotations

import pytest

from gateway.scan.entropy import entropy, is_example, is_placeholder


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


@pytest.mark.parametrize("value", ["password1", "my-secret-key", "[REDACTED]", "xxxxxxXXXX_1"])
def test_examples(value: str) -> None:
    assert is_example(value)


@pytest.mark.parametrize("value", ["S3cret!", "password123", "tr0ub4dor&3"])
def test_a_bad_password_is_no_example(value: str) -> None:
    assert not is_example(value)


def test_a_value_that_may_be_read_as_words_in_many_ways_is_told_at_once() -> None:
    # An engine that goes back would not be done before the sun is.
    assert not is_example("x" * 60 + "Zq7!")
    assert not is_example("username" * 7 + "Zq7!")
