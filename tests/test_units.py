"""Sizes, durations and counts as people write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.terms import Rate
from gateway.units import parse_count, parse_duration, parse_rate, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = st.integers(0, 10**15 - 1)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (1024, 1024), ("0", 0), ("10MiB", 10 * 2**20), ("32KiB", 2**15), ("1 GiB", 2**30),
        ("1.5KiB", 1536), ("1MB", 10**6), ("1kB", 1000), ("1KB", 1000), ("2GB", 2 * 10**9),
        ("7B", 7),
    ],
)  # fmt: skip
def test_sizes(text: str | int, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("500ms", 0.5), ("5m", 300), ("5min", 300), ("1h", 3600), ("7d", 604800),
     ("0s", 0), ("1.5h", 5400), ("2 s", 2)],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "count"), [(60, 60), ("60", 60), ("200k", 200_000), ("1M", 10**6), ("0.5k", 500)]
)
def test_counts(text: str | int, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["1.001k", "64.1k", "1.000001M"])
def test_a_whole_number_that_binary_fractions_miss_is_whole(text: str) -> None:
    assert parse_count(text) == round(float(text[:-1]) * (1000 if text[-1] == "k" else 10**6))


@pytest.mark.parametrize("parse", [parse_size, parse_duration, parse_count])
@pytest.mark.parametrize(
    "wrong",
    ["", " ", "-1", "+1", "1e3", "ten", "1 0", "1MIB", "1kib", "1 hour", "٣s", "1_000", "0x10",
     "1" * 16, "1.0000000", ".5s", "5.s", "1s1s", "1s\n", "NaN", "inf", True, None, [], {}, 1e400],
)  # fmt: skip
def test_everything_else_is_refused(parse: Callable[[Any], float], wrong: Any) -> None:
    with pytest.raises(ValueError, match="is not a"):
        parse(wrong)


def test_a_duration_needs_its_unit() -> None:
    for number in ("30", 30, 0.5):
        with pytest.raises(ValueError, match="is not a duration such as 30s"):
            parse_duration(number)


def test_a_count_is_whole() -> None:
    with pytest.raises(ValueError, match=r"'1\.5' is not a whole number"):
        parse_count("1.5")


@given(NUMBERS, st.sampled_from([("KiB", 2**10), ("MB", 10**6), ("GiB", 2**30), ("", 1)]))
def test_a_size_is_exact(number: int, unit: tuple[str, int]) -> None:
    assert parse_size(f"{number}{unit[0]}") == number * unit[1]


@given(NUMBERS, st.sampled_from([("", 1), ("k", 10**3), ("M", 10**6), ("G", 10**9)]))
def test_a_count_is_exact(number: int, unit: tuple[str, int]) -> None:
    assert parse_count(f"{number}{unit[0]}") == number * unit[1]


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    for parse in (parse_size, parse_duration, parse_count):
        try:
            value = parse(text)
        except ValueError:
            continue
        assert value >= 0


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [
        ("60/min", 60, 60), ("200k/hour", 200_000, 3600), ("5/s", 5, 1), ("1M/day", 10**6, 86400),
        ("100/15min", 100, 900), ("2.5k / 2h", 2500, 7200), ("1/m", 1, 60), ("1/sec", 1, 1),
        ("1/second", 1, 1), ("1/minute", 1, 60), ("1/h", 1, 3600), ("1/31d", 1, 31 * 86400),
        ("1000G/s", 10**12, 1), ("7/10 min", 7, 600),
    ],
)  # fmt: skip
def test_rates(text: str, amount: int, seconds: int) -> None:
    assert parse_rate(text) == Rate(amount, seconds)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("60", "is not a rate such as 60/min"), (60, "is not a rate"), (None, "is not a rate"),
        ("", "is not a rate"), ("60/", "is not a rate"), ("60/5", "is not a rate"),
        ("60/week", "is not a rate"), ("60/min/s", "is not a rate"), ("60/-1s", "is not a rate"),
        ("60/1.5h", "is not a rate"), ("60/ms", "is not a rate"), ("60/٣s", "is not a rate"),
        ("60/MIN", "is not a rate"), ("60/1234567s", "is not a rate"), (["60/min"], "not a rate"),
        ("/min", "'' is not a count"), ("-1/min", "'-1' is not a count"),
        ("1.5/min", "'1.5' is not a whole number"), ("sixty/min", "'sixty' is not a count"),
        ("0/min", "counts from 1 to"), ("1001G/min", "counts from 1 to"),
        ("1/0s", "from 1 second to 31 days"), ("1/32d", "from 1 second to 31 days"),
    ],
)  # fmt: skip
def test_what_is_no_rate(wrong: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_rate(wrong)


@given(st.text(max_size=12) | st.from_regex(r"[0-9kM.]{0,5}/[0-9]{0,7}[a-z]{0,6}", fullmatch=True))
def test_any_text_is_a_rate_within_bounds_or_a_value_error(text: str) -> None:
    try:
        rate = parse_rate(text)
    except ValueError:
        return
    assert 1 <= rate.amount <= 10**12
    assert 1 <= rate.seconds <= 31 * 86400
