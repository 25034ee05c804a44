from __future__ import annotations

import functools
import random

import pytest
from made_up_matches import made_up

from gateway.scan.engine import Engine, default_specs
from gateway.scan.secrets_formats import FORMATS
from gateway.scan.secrets_named import NAMED, NAMES, Named


@functools.cache
def engine() -> Engine:
    return Engine([spec for spec in default_specs() if spec.kind == "secrets"])


def found(text: str) -> set[tuple[str, str]]:
    findings = engine().scan(text, "user", ("secrets",)).findings
    return {(one.entity, text[one.start : one.end]) for one in findings}


def label(row: Named) -> str:
    return f"{row.entity}-{row.names.split()[0]}"


def value_of(row: Named) -> str:
    draw = random.Random(row.names)  # noqa: S311 - they open nothing, and must be the same each run
    while True:
        value = made_up(row.shape, draw, 3.0)
        digits = r"\d" not in row.shape or any(char.isdigit() for char in value)
        if digits and value[0].isalnum() and value[-1] != "-":
            return value


@pytest.mark.parametrize("row", NAMES, ids=label)
def test_every_row_is_found_after_each_of_its_names(row: Named) -> None:
    value = value_of(row)
    for name in row.names.split():
        texts = (
            f'{name}_api_key = "{value}"',
            f"export MY_{name.upper()}_SECRET={value}",
            f'{{"{name.replace("_", "-")}-token": "{value}"}}',
            f"the {name} key is {value}.",
        )
        for text in texts:
            values = {one for _, one in found(text)}
            assert value in values, text


@pytest.mark.parametrize("row", [row for row in NAMES if "-us" not in row.shape], ids=label)
def test_without_the_name_the_shape_means_nothing(row: Named) -> None:
    assert all(entity != row.entity for entity, _ in found(f"see {value_of(row)} there"))


@pytest.mark.parametrize("row", NAMES, ids=label)
def test_a_value_of_another_length_is_not_the_providers(row: Named) -> None:
    value = value_of(row)
    longer = f"{row.names.split()[0]}_page = {value}{'z9' * 100}"
    assert all(entity != row.entity for entity, _ in found(longer))


@pytest.mark.parametrize(
    "text",
    [
        "meraki: aaaaaaaaaa1111111111bbbbbbbbbb2222222222",
        "  SendbirdChat: 3f1c9a0e5b7d2846f1c9a0e5b7d2846013579bdf",
        "ReactNativeKrakenKit: 3f1c9a0e5b7d2846f1c9a0e5b7d2846013579bdf",
        "linear algebra of 3f1c9a0e5b7d2846f1c9a0e5b7d28460",
        "the heroku app 12345678 is down",
        "https://discord.com/channels/3f1c9a0e5b7d2846f1c9a0e5b7d28460",
    ],
)
def test_names_that_speak_of_something_else_are_clean(text: str) -> None:
    assert found(text) == set()


def test_rows_and_detectors_agree() -> None:
    entities = {entity for one in NAMED for entity in one.entities}
    assert entities == {row.entity for row in NAMES}
    assert len({row.provider for row in (*NAMES, *FORMATS)}) >= 200
