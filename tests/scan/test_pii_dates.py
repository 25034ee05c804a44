from __future__ import annotations

import pytest
from pii import entities, found, score


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on 2023-05-14 10:30", "2023-05-14 10:30"),
        ("at 2024-03-15T14:30:00.123Z, or", "2024-03-15T14:30:00.123Z"),
        ("am 14.05.2023 war", "14.05.2023"),
        ("on 5/14/2023.", "5/14/2023"),
        ("due 05/21/21", "05/21/21"),
        ("on 21 May 2021", "21 May 2021"),
        ("am 3. März 1990 geboren", "3. März 1990"),
        ("el 4 de mayo de 1981", "4 de mayo de 1981"),
        ("July 15, 1999 was", "July 15, 1999"),
        ("since 5/2021 we", "5/2021"),
        ("expires 05/27", "05/27"),
    ],
)
def test_dates_are_found(text: str, value: str) -> None:
    assert ("DATE_TIME", value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "release 1.2.21 of 3.11.2",
        "24/7 and 1/2 and 50/50",
        "2023-15-14 and 40/40/2023 and 99.99.2000",
        "a/2023-05-14/b",
        "you may 5x it, 64 mar",
        "today is5/21",
    ],
)
def test_what_is_none(text: str) -> None:
    assert entities(text) == set()


def test_a_day_of_birth_is_surer() -> None:
    assert score("born on 3 May 1990", "DATE_TIME") > score("held on 3 May 1990", "DATE_TIME")
    assert score("DOB: 5/14/1990", "DATE_TIME") > score("seen 5/14/1990", "DATE_TIME")
