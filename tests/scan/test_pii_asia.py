from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pii import agree, entities, found
from stdnum.au import abn, acn, tfn
from stdnum.in_ import aadhaar
from stdnum.kr import brn, rrn

from gateway.scan.pii_asia import FORMATS


@given(st.from_regex(r"[1-9][0-9]{9}", fullmatch=True))
def test_australian_rules_agree_with_stdnum(stem: str) -> None:
    agree(FORMATS, "AU_ABN", abn.is_valid, stem)
    agree(FORMATS, "AU_ACN", acn.is_valid, stem[:8])
    agree(FORMATS, "AU_TFN", lambda one: tfn.is_valid(one) and len(set(one)) > 1, stem[:8])


@given(st.from_regex(r"[2-9][0-9]{10}", fullmatch=True))
def test_indian_numbers_agree_with_stdnum(stem: str) -> None:
    agree(FORMATS, "IN_AADHAAR", aadhaar.is_valid, stem)


def test_a_korean_business_has_one_check_digit() -> None:
    rule = next(one.valid for one in FORMATS if one.entity == "KR_BRN")
    assert brn.is_valid("1168200276")
    assert [end for end in "0123456789" if rule(f"116820027{end}")] == ["6"]


def test_a_resident_of_korea_is_one_of_stdnum() -> None:
    assert rrn.is_valid("971013-9019902")
    assert rrn.is_valid("960121-1021413") == ("KR_RRN" in entities("it is 960121-1021413."))


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("PAN ACUPA7085R", "IN_PAN", "ACUPA7085R"),
        ("it was 2341 2341 2346 then", "IN_AADHAAR", "2341 2341 2346"),
        ("a car, MH 12 AB 1234,", "IN_VEHICLE_REGISTRATION", "MH 12 AB 1234"),
        ("voter id ABC1234567", "IN_VOTER", "ABC1234567"),
        ("passport J8369854", "IN_PASSPORT", "J8369854"),
        ("GSTIN: 27AAPFU0939F1ZV", "IN_GSTIN", "27AAPFU0939F1ZV"),
        ("he is S1234567D.", "SG_NRIC_FIN", "S1234567D"),
        ("UEN 00192200M", "SG_UEN", "00192200M"),
        ("UEN 197401143C", "SG_UEN", "197401143C"),
        ("UEN S16FC0121D", "SG_UEN", "S16FC0121D"),
        ("주민등록번호 900101-1234568", "KR_RRN", "900101-1234568"),
        ("외국인등록번호 900101-5234567", "KR_FRN", "900101-5234567"),
        ("여권번호는 M123A4567입니다", "KR_PASSPORT", "M123A4567"),
        ("운전면허 11-22-123456-12", "KR_DRIVER_LICENSE", "11-22-123456-12"),
        ("사업자등록번호 116-82-00276", "KR_BRN", "116-82-00276"),
        ("ABN 83 914 571 673", "AU_ABN", "83 914 571 673"),
        ("ACN 004 085 616", "AU_ACN", "004 085 616"),
        ("TFN 123 456 782", "AU_TFN", "123 456 782"),
        ("Medicare 2123 45670 1", "AU_MEDICARE", "2123 45670 1"),
    ],
)
def test_numbers_are_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "aadhaar 2341 2341 2347",
        "card 4539 1488 0343 6468",
        "card 4539-1488-0343-6468",
        "it was 2341 2341 2346 1111 then",
        "it was 1111 2341 2341 2346 then",
        "passport J0369854",
        "GSTIN 00AAPFU0939F1ZV",
        "GSTIN 27AAPFU0939F1YV",
        "UEN 00192200X",
        "주민번호 901301-1234567",
        "여권 A123B4567",
        "운전면허 10-22-123456-12",
        "BRN 116-82-00277",
        "ABN 83 914 571 674",
        "ACN 004 085 617",
        "TFN 123 456 789",
        "medicare 2123 45671 1",
    ],
)
def test_near_misses_are_not(text: str) -> None:
    assert not {one for one in entities(text) if one[:3] in ("IN_", "SG_", "KR_", "AU_")}
