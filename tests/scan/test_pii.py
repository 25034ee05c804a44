from __future__ import annotations

import pytest
from pii import found, score


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("mail john.doe+x@sub.example.co.uk.", "EMAIL_ADDRESS", "john.doe+x@sub.example.co.uk"),
        ("<a@b.org>", "EMAIL_ADDRESS", "a@b.org"),
        ("my card is 4111 1111 1111 1111", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("4111-1111-1111-1111 12", "CREDIT_CARD", "4111-1111-1111-1111"),
        ("amex 3782 822463 10005", "CREDIT_CARD", "3782 822463 10005"),
        ("5555555555554444", "CREDIT_CARD", "5555555555554444"),
        ("IBAN DE89 3704 0044 0532 0130 00 IS mine", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("gb82west12345698765432", "IBAN_CODE", "gb82west12345698765432"),
        ("SSN: 536-90-4399", "US_SSN", "536-90-4399"),
        ("social security number 536904399", "US_SSN", "536904399"),
        ("call +1 212-555-0123 now", "PHONE_NUMBER", "+1 212-555-0123"),
        ("(415) 555-2671", "PHONE_NUMBER", "(415) 555-2671"),
        ("ping 8.8.8.8.", "IP_ADDRESS", "8.8.8.8"),
        ("at 2001:4860:4860::8888", "IP_ADDRESS", "2001:4860:4860::8888"),
        ("host 192.168.0.10:8080", "IP_ADDRESS", "192.168.0.10"),
        ("mail j&#111;hn@x&#46;org", "EMAIL_ADDRESS", "j&#111;hn@x&#46;org"),
        ("4111\u200b1111\u200b1111\u200b1111", "CREDIT_CARD", "4111\u200b1111\u200b1111\u200b1111"),
    ],
)
def test_values_are_found_with_their_exact_span(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "order 1234567890123456",
        "0000 0000 0000 0000",
        "DE88 3704 0044 0532 0130 00",
        "666-12-3456 and 000-12-3456 and 123-00-1234",
        "it took 536904399 ns",
        "1.2.3.4.5 and 256.1.1.1 and version 10.2.3.4",
        "12:30:45 std::vector a::b",
        "foo@2x.png user@localhost",
        "x4111111111111111y",
    ],
)
def test_near_misses_are_not(text: str) -> None:
    assert found(text) == []


def test_words_to_the_left_raise_the_score_and_only_near_ones() -> None:
    plain = score("it says 4111111111111111", "CREDIT_CARD")
    assert score("credit card 4111111111111111", "CREDIT_CARD") > plain
    assert score("card " + "x " * 40 + "4111111111111111", "CREDIT_CARD") == plain


def test_an_account_number_in_mixed_case_is_none() -> None:
    assert found("it is GB82west12345698765432") == []
    assert ("IBAN_CODE", "gb82west12345698765432") in found("it is gb82west12345698765432")


def test_what_may_be_several_things_is_told_as_all_of_them() -> None:
    # Nine digits that are a routing number and a doctor's number, too, with nothing around them.
    assert {entity for entity, _ in found("011000015")} >= {"ABA_ROUTING_NUMBER", "US_PASSPORT"}
    assert {entity for entity, _ in found("routing number 011000015.")} == {"ABA_ROUTING_NUMBER"}
