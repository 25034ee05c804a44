from __future__ import annotations

from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pii import agree, entities, found, score
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.it import codicefiscale, iva
from stdnum.pl import pesel

from gateway.scan.pii_europe import FORMATS


@given(st.from_regex(r"[0-9]{7}", fullmatch=True))
def test_spanish_letters_agree_with_stdnum(digits: str) -> None:
    agree(FORMATS, "ES_NIF", dni.is_valid, "1" + digits, ascii_uppercase)
    for first in "XYZ":
        agree(FORMATS, "ES_NIE", nie.is_valid, first + digits, ascii_uppercase)


@given(st.dates(), st.from_regex(r"[0-9]{4}", fullmatch=True))
def test_days_of_birth_agree_with_stdnum(day: object, digits: str) -> None:
    written = f"{day:%y%m%d}"
    agree(FORMATS, "PL_PESEL", pesel.is_valid, written + digits[:4])


@given(
    st.from_regex(
        r"(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])[0-9]{2}[-+A][0-8][0-9]{2}", fullmatch=True
    )
)
def test_finnish_codes_agree_with_stdnum(stem: str) -> None:
    compact = stem.replace("-", "")
    for end in "0123456789ABCDEFHJKLMNPRSTUVWXY":
        rules = [one.valid for one in FORMATS if one.entity == "FI_PERSONAL_IDENTITY_CODE"]
        assert any(rule(compact + end) for rule in rules) == hetu.is_valid(stem + end)


@given(st.from_regex(r"[1-9][0-9]{6}(00[1-9]|0[1-9][0-9]|100)", fullmatch=True))
def test_italian_tax_numbers_agree_with_stdnum(stem: str) -> None:
    agree(FORMATS, "IT_VAT_CODE", lambda one: iva.is_valid(one) and len(set(one)) > 1, stem)


def test_the_letter_of_a_fiscal_code_is_checked() -> None:
    assert codicefiscale.is_valid("RCCMNL83S18D969H")
    assert score("RCCMNL83S18D969H", "IT_FISCAL_CODE") == 0.95
    assert score("it is RCCMNL83S18D969H x", "IT_FISCAL_CODE") == 0.95
    # A slip of the pen is a fiscal code where that is what is asked for, and nowhere else.
    assert score("codice fiscale RCCMNL83S18D969A", "IT_FISCAL_CODE") == 0.7
    assert entities("it is RCCMNL83S18D969A x") == set()


def test_a_french_number_is_the_one_of_stdnum() -> None:
    assert nir.is_valid("295109912611193")
    assert entities("NIR 2 95 10 99 126 111 93 ici") == {"FR_NIR"}
    assert "FR_NIR" not in entities("NIR 2 95 10 99 126 111 94 ici")


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("mi NIF es 54362315-K", "ES_NIF", "54362315-K"),
        ("x2482300w", "ES_NIE", "x2482300w"),
        ("pasaporte: PAA123456", "ES_PASSPORT", "PAA123456"),
        ("patente U1H00B123C", "IT_DRIVER_LICENSE", "U1H00B123C"),
        ("partita IVA 00743110157", "IT_VAT_CODE", "00743110157"),
        ("passaporto YA1234567", "IT_PASSPORT", "YA1234567"),
        ("carta d'identità CA12345AB", "IT_IDENTITY_CARD", "CA12345AB"),
        ("PESEL 44051401359", "PL_PESEL", "44051401359"),
        ("hän on 131052-308T.", "FI_PERSONAL_IDENTITY_CODE", "131052-308T"),
    ],
)
def test_numbers_are_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "NIF 54362315-A",
        "NIE X2482300A",
        "partita IVA 00743110158",
        "PESEL 44051401358",
        "131052-308A",
        "131352-308T",
    ],
)
def test_near_misses_are_not(text: str) -> None:
    assert not {one for one in entities(text) if one[:3] in ("ES_", "IT_", "PL_", "FI_")}
