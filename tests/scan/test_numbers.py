from __future__ import annotations

import re2
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as standard

from gateway.scan.numbers import card_issuer, iban_expression, is_iban, is_ssn, luhn
from gateway.scan.regex import Regex


@given(st.from_regex(r"[0-9]{2,19}", fullmatch=True))
def test_luhn_agrees_with_stdnum(digits: str) -> None:
    assert luhn(digits) == standard.is_valid(digits)


def test_issuers() -> None:
    assert card_issuer("4111111111111111")
    assert card_issuer("378282246310005")
    assert card_issuer("2221000000000009")
    assert not card_issuer("1111111111111117")
    assert not card_issuer("411111111111111")


def test_iban_check_digits_and_lengths() -> None:
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE88370400440532013000")
    expression = re2.compile(Regex(iban_expression()).exact)
    assert expression.fullmatch("NO9386011117947")
    assert not expression.fullmatch("NO93860111179471")


def test_social_security_areas() -> None:
    assert is_ssn("536904399")
    assert not any(map(is_ssn, ("000123456", "666123456", "900123456", "536004399", "536900000")))
    assert not is_ssn("078051120")
