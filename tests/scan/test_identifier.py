from __future__ import annotations

from gateway.scan.detector import Candidate, Reading
from gateway.scan.identifier import Format, detector_of

FORMATS = (
    Format("ONE", "9{6}", ("one", "first number"), lambda value: value[0] == "1", 0.9, 0.6),
    Format("TWO", "9{6}|99-9999", ("two",), bool, 0.8, 0.5, 0.4),
    Format("CODE", "aa9{4}", ("code",), bool, 0.8, 0.5, 0.45),
)
JUDGE = detector_of(FORMATS)


def readings(text: str, value: str) -> list[tuple[str, float]]:
    start = text.index(value)
    end = start + len(value)
    verdict = JUDGE.check(Candidate(text[max(start - 64, 0) : start], value, text[end : end + 1]))
    assert verdict is None or isinstance(verdict, list)
    return [(one.entity, one.score) for one in verdict or []]


def test_a_number_alone_may_be_several_things() -> None:
    assert readings("123456", "123456") == [("ONE", 0.6), ("TWO", 0.5)]
    assert readings(" 223456", "223456") == [("TWO", 0.5)]
    assert readings("it is 123456.", "123456") == [("TWO", 0.4)]


def test_words_to_the_left_decide() -> None:
    assert readings("one: 123456 x", "123456") == [("ONE", 0.9)]
    assert readings("her FIRST NUMBER 123456", "123456") == [("ONE", 0.9)]
    assert readings("phone 123456 x", "123456") == [("TWO", 0.4)]
    assert readings("two_123456"[:4] + "=> 123456", "123456") == [("TWO", 0.8)]


def test_parts_of_longer_words_and_numbers_are_none() -> None:
    for text in ("x123456", "123456x", "7.123456", "a-123456", "$123456", "id=123456", "123456@b"):
        assert readings(f"two {text}", "123456") == []
    assert readings("번호123456번", "123456") == [("TWO", 0.4)]


def test_lower_case_counts_where_something_speaks_for_it() -> None:
    assert readings("it is AB1234 x", "AB1234") == [("CODE", 0.45)]
    assert readings("it is ab1234 x", "ab1234") == []
    assert readings("code ab1234 x", "ab1234") == [("CODE", 0.8)]


def test_what_follows_at_a_separator_may_be_left_off() -> None:
    found = JUDGE.check(Candidate("two ", "123456-99", ""))
    assert found == [Reading("TWO", 0.8, 6)]


def test_one_expression_for_all() -> None:
    assert JUDGE.entities == ("ONE", "TWO", "CODE")
    assert JUDGE.exact.search(b"is 12-3456") is not None
    assert JUDGE.exact.search(b"is 12-34567") is None
