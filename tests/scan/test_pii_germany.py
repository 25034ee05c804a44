from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pii import agree, entities, found
from stdnum.de import vat
from stdnum.iso7064 import mod_11_10

from gateway.scan.pii_germany import FORMATS


@given(st.from_regex(r"[1-9][0-9]{9}", fullmatch=True))
def test_rules_agree_with_stdnum(stem: str) -> None:
    agree(FORMATS, "DE_TAX_ID", mod_11_10.is_valid, stem)
    agree(FORMATS, "DE_VAT_ID", vat.is_valid, f"DE{stem[:8]}")


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("Steuer-ID 36 574 261 809", "DE_TAX_ID", "36 574 261 809"),
        ("Steuernummer 93/815/08152", "DE_TAX_NUMBER", "93/815/08152"),
        ("Reisepass C01X00T41", "DE_PASSPORT", "C01X00T41"),
        ("Reisepass C01X00T478", "DE_PASSPORT", "C01X00T478"),
        ("Personalausweis L01X00T47 von", "DE_ID_CARD", "L01X00T47"),
        ("seine 65070803A019 hat", "DE_SOCIAL_SECURITY", "65070803A019"),
        ("KVNR A123456780", "DE_HEALTH_INSURANCE", "A123456780"),
        ("USt-ID DE136695976", "DE_VAT_ID", "DE136695976"),
        ("LANR 123456601", "DE_LANR", "123456601"),
        ("BSNR 721234567", "DE_BSNR", "721234567"),
        ("Führerschein J010000SD51", "DE_FUEHRERSCHEIN", "J010000SD51"),
        ("Kennzeichen HH-AB 1234", "DE_KFZ", "HH-AB 1234"),
        ("PLZ 10115", "DE_PLZ", "10115"),
        ("eingetragen als HRB 12345 B", "DE_HANDELSREGISTER", "HRB 12345"),
    ],
)
def test_numbers_are_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Steuer-ID 36 574 261 808",
        "Steuernummer 0012345678901",
        "Reisepass C01X00T42",
        "Reisepass C01X00T479",
        "RVNR 65070803A018",
        "KVNR A123456781",
        "USt-ID DE136695977",
        "LANR 123456901",
        "BSNR 001234567",
        "HRC 12345 und HRB 1234567",
        "es sind 10115 Zeilen, to be or 12",
    ],
)
def test_near_misses_are_not(text: str) -> None:
    assert not {one for one in entities(text) if one.startswith("DE_")}
