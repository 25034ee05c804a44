from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pii import agree, entities, found, score
from stdnum import luhn
from stdnum.us import itin, rtn

from gateway.scan.pii_us import FORMATS


@given(st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_rules_agree_with_stdnum(stem: str) -> None:
    def routing(value: str) -> bool:
        district = int(value[:2])
        known = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
        return known and rtn.is_valid(value) and value != "0" * 9

    agree(FORMATS, "ABA_ROUTING_NUMBER", routing, stem)
    if itin.is_valid(f"9{stem[1:]}0"):
        agree(FORMATS, "US_ITIN", itin.is_valid, "9" + stem[1:])
    agree(FORMATS, "US_NPI", lambda value: luhn.is_valid("80840" + value), "1" + stem)


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("SSN: 536-90-4399", "US_SSN", "536-90-4399"),
        ("social security number 536904399", "US_SSN", "536904399"),
        ("her itin 912-71-3456 is", "US_ITIN", "912-71-3456"),
        ("account number 000123456789 at", "US_BANK_NUMBER", "000123456789"),
        ("routing 011000015,", "ABA_ROUTING_NUMBER", "011000015"),
        ("NPI 1234567893", "US_NPI", "1234567893"),
        ("card 1EG4-TE5-MK72 of", "US_MBI", "1EG4-TE5-MK72"),
        ("passport no. A98765432 was", "US_PASSPORT", "A98765432"),
        ("driver's license D1234567 from", "US_DRIVER_LICENSE", "D1234567"),
        ("DEA number BB1388568", "MEDICAL_LICENSE", "BB1388568"),
    ],
)
def test_numbers_are_found_where_people_speak_of_them(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "order 536904399 shipped",
        "SSN 666-12-3456",
        "itin 912-49-3456",
        "routing 011000016",
        "NPI 1234567890",
        "NPI 3234567893",
        "1EG4-TE5-MK7 and 1SG4-TE5-MK72",
        "DEA number BB1388569",
        "at 1700000000 it was 011000015 ms, build 20240102",
    ],
)
def test_near_misses_are_not(text: str) -> None:
    assert entities(text) == set()


def test_a_number_alone_may_be_what_it_looks_like() -> None:
    assert {"US_BANK_NUMBER", "US_PASSPORT", "US_SSN"} <= entities("536904399")
    assert score("536904399", "US_SSN") == 0.5 < score("ssn 536904399", "US_SSN")
