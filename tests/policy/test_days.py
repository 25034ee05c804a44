"""Days on which something ends."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.days import parse_day, show_day, today
from gateway.policy.decision import NEVER


@pytest.mark.parametrize(
    ("text", "day"),
    [("1970-01-01", 0), ("1970-01-02", 1), ("2000-02-29", 11_016), ("2027-01-31", 20_849)],
)
def test_days_are_counted_from_1970(text: str, day: int) -> None:
    assert parse_day(text) == day
    assert show_day(day) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "2027-1-31", "2027-02-30", "2027-13-01", "20270131", "2027-W05-1", "1969-12-31",
        "2027-01-31T00:00:00Z", " 2027-01-31", "2027-01-31\n", "\uff12\uff10\uff12\uff17-01-31",
        "31.01.2027", "0000-00-00", 20_849, None, date(2027, 1, 31),
    ],
)  # fmt: skip
def test_nothing_else_is_a_date(text: Any) -> None:
    with pytest.raises(ValueError, match="must be a date such as"):
        parse_day(text)


@given(st.dates(min_value=date(1970, 1, 1)))
def test_every_date_is_read_as_it_is_shown(day: date) -> None:
    assert show_day(parse_day(day.isoformat())) == day.isoformat()


def test_today_is_the_day_in_utc_and_never_the_day_that_never_comes() -> None:
    before, day, after = time.time() // 86_400, today(), time.time() // 86_400
    assert before <= day <= after
    assert show_day(day)[:2] == datetime.now(UTC).isoformat()[:2]
    assert parse_day("9999-12-31") < NEVER
