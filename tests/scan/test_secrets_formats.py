from __future__ import annotations

import functools
import random
import re

import pytest
from made_up_matches import made_up

from gateway.scan.engine import Engine, default_specs
from gateway.scan.secrets_formats import FORMATS, MARKED, Format

WORD = re.compile(r"\w", re.ASCII)


@functools.cache
def engine() -> Engine:
    return Engine([spec for spec in default_specs() if spec.kind == "secrets"])


def found(text: str) -> set[tuple[str, str]]:
    findings = engine().scan(text, "user", ("secrets",)).findings
    return {(one.entity, text[one.start : one.end]) for one in findings}


def label(row: Format) -> str:
    return f"{row.entity}-{row.marks.split()[0]}"


@pytest.mark.parametrize("row", FORMATS, ids=label)
def test_every_format_is_found_with_each_of_its_marks(row: Format) -> None:
    draw = random.Random(row.marks)  # noqa: S311 - they open nothing, and must be the same each run
    for mark in row.marks.split():
        value = mark + made_up(row.rest, draw, max(row.least, 2.9))
        for text in (f"use {value}, please", f"KEY={value}", f'"{value}"', value):
            assert (row.entity, value) in found(text), (mark, text)


@pytest.mark.parametrize("row", FORMATS, ids=label)
def test_a_format_in_the_middle_of_a_word_is_none(row: Format) -> None:
    draw = random.Random(row.marks)  # noqa: S311 - as above
    value = row.marks.split()[0] + made_up(row.rest, draw, max(row.least, 2.9))
    assert (row.entity, value) not in found(f"zz{value}")
    if WORD.match(value[-1:]):
        assert (row.entity, value) not in found(f"{value}_{'z' * 700}")


@pytest.mark.parametrize("row", [row for row in FORMATS if row.least], ids=label)
def test_fillers_of_the_right_length_are_clean(row: Format) -> None:
    draw = random.Random(row.marks)  # noqa: S311 - as above
    value = made_up(row.rest, draw, 2.9)
    for filler in "xX0a":
        filled = re.sub(r"[A-Za-z0-9]", filler, value)
        assert found(f"use {row.marks.split()[0]}{filled} here") == set()


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "sk-learn is a library, and task-oriented-dialogue-systems-research too",
        "re_compile_pattern_of_the_longest_name and pk_of_the_table_of_customers_in_2024",
        "test_function_that_has_a_rather_long_name_1 and live_view_of_all_the_things_2",
        "s.makeSomethingOfTheKindOfThat",
        "pat.hetic",
        "API-REFERENCE-OF-THE-WHOLE-SERVICE",
        "the APDefaultSettingsController and APAbstractFactory2",
        "sha256~" + "a" * 43,
        "xoxo-from-1-friend-with-2-kisses",
        "discord.com/api/webhooks/ is where webhooks are",
    ],
)
def test_names_that_begin_like_a_mark_are_clean(text: str) -> None:
    assert found(text) == set()


def test_every_entity_is_known_of_the_detector() -> None:
    assert set(MARKED.entities) == {row.entity for row in FORMATS}
    assert len({row.provider for row in FORMATS}) >= 100
