from __future__ import annotations

import pytest
from pii import entities, found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("at 221B Baker Street, London", "221B Baker Street"),
        ("to 1600 Pennsylvania Ave NW", "1600 Pennsylvania Ave"),
        ("in 12 Old Mill Road, Apt. 4B now", "12 Old Mill Road, Apt. 4B"),
        ("Springfield, IL 62704-1234 by", "Springfield, IL 62704-1234"),
        ("in der Lindenstraße 14a, 10969 Berlin", "Lindenstraße 14a, 10969 Berlin"),
        ("au 12 bis rue de la Paix à", "12 bis rue de la Paix"),
        ("en la Calle de Alcalá 48", "Calle de Alcalá 48"),
        ("in Via Roma, 10 a", "Via Roma, 10"),
        ("P.O. Box 1234", "P.O. Box 1234"),
        ("zip code is 90210", "90210"),
        ("she lives in Buenos Aires with", "Buenos Aires"),
        ("er wohnt in Köln und", "Köln"),
        ("City: Ulan Bator\n", "Ulan Bator"),
        ("my address is 18 Rua das Flores 950, Porto", "18 Rua das Flores 950, Porto"),
    ],
)
def test_places_are_found_by_their_forms(text: str, value: str) -> None:
    assert ("LOCATION", value) in found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("by Smith & Sons Ltd. today", "Smith & Sons Ltd."),
        ("die Müller Maschinenbau GmbH in", "Müller Maschinenbau GmbH"),
        ("with Acme Widgets, Inc. and", "Acme Widgets, Inc."),
        ("she works at Globex and", "Globex"),
        ("Company: Initech\n", "Initech"),
    ],
)
def test_organisations_are_found_by_their_legal_form(text: str, value: str) -> None:
    assert ("ORGANIZATION", value) in found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("MRN: 00123456", "00123456"),
        ("medical record number is AB-123456.", "AB-123456"),
        ("Patient ID AHC-0912345 and", "AHC-0912345"),
    ],
)
def test_medical_records_are_found_by_context(text: str, value: str) -> None:
    assert ("MEDICAL_RECORD_NUMBER", value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "it took 12 Hours of the Way and 3 Drive failures",
        "address: 0x7ffe1234 and IP address: yes",
        "via HTTP 2 on port 80, calle.py 3",
        "she lives in fear and works at home, born in 1990",
        "city = get_city(), country: str",
        "Inc. and The Limited, a Bank",
        "MRN: none, patient id: str",
        "order 0912345",
    ],
)
def test_what_is_none(text: str) -> None:
    assert entities(text) == set()
