from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pii import agree, entities, found
from stdnum.gb import nhs

from gateway.scan.pii_britain import FORMATS


@given(st.from_regex(r"[0-9]{8}[1-9]", fullmatch=True).filter(lambda one: len(set(one)) > 1))
def test_check_digits_agree_with_stdnum(stem: str) -> None:
    agree(FORMATS, "UK_NHS", nhs.is_valid, stem)


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("NHS number 943 476 5919", "UK_NHS", "943 476 5919"),
        ("NI number QQ123456C no, AB123456C", "UK_NINO", "AB123456C"),
        ("it was AB 12 34 56 C then", "UK_NINO", "AB 12 34 56 C"),
        ("passport GB1234567", "UK_PASSPORT", "GB1234567"),
        ("licence MORGA657054SM9IJ", "UK_DRIVING_LICENCE", "MORGA657054SM9IJ"),
        ("lives at EC1A 1BB.", "UK_POSTCODE", "EC1A 1BB"),
        ("postcode m11ae", "UK_POSTCODE", "m11ae"),
        ("a blue BD51 SMR drove", "UK_VEHICLE_REGISTRATION", "BD51 SMR"),
        ("number plate A123 BCD", "UK_VEHICLE_REGISTRATION", "A123 BCD"),
    ],
)
def test_numbers_are_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "NHS number 943 476 5918",
        "ni number BG123456C",
        "ni number AB123456E",
        "MORGA657354SM9IJ",
        "MORGA663054SM9IJ",
        "postcode QX1 1AA",
        "reg BD30 SMR",
        "reg IB51 SMR",
        "see A1 and M25 and B52 and 4 at H1N1",
        "user ab12 cde in utf8 or sha256",
    ],
)
def test_near_misses_are_not(text: str) -> None:
    assert not {one for one in entities(text) if one.startswith("UK_")}
