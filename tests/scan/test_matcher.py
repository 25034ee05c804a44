from __future__ import annotations

import threading

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.matcher import (
    _MOST_WHOLES,
    _WHOLES,
    Automaton,
    check_pattern,
    compile_ahead,
    compile_exact,
)
from gateway.scan.regex import Regex, RegexError


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("a+", "{1,64} instead of +"),
        ("a{1,2000}", "longer than 1024"),
        ("a*", "empty string"),
        ("a|", "empty string"),
        (r"\b", "empty string"),
        ("(", "not a regular expression"),
        ("(?<=a)b", "look-behind"),
        ("(?:a{1,900}){1,1}(?:(?:b{1,40}){1,40}){0,1}", "longer than 1024"),
        ("(?:a{1,32}){1,32}", "RE2"),
    ],
)
def test_a_bad_pattern_is_a_sentence(pattern: str, words: str) -> None:
    assert words in (check_pattern(pattern) or "")


@pytest.mark.parametrize(
    "pattern", ["project[ -]bluebird", r"\bCASE-\d{3,8}\b", r"\w{1,64}@corp", "(?P<x>a)b{0,9}", "ü"]
)
def test_a_good_pattern_passes(pattern: str) -> None:
    assert check_pattern(pattern) is None


def test_all_that_occurs_is_told_once() -> None:
    assert sorted(Automaton(["ab", "b{2,}", "zz"]).occurring(b"ab bbbb ab")) == [0, 1]


def test_threads_have_their_own_scratch_space() -> None:
    automaton = Automaton(["needle"])
    data = b"x" * 100_000 + b"needle"
    wrong: list[list[int]] = []

    def work() -> None:
        wrong.extend(found for _ in range(50) if (found := automaton.occurring(data)) != [0])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_expression_that_re2_refuses_is_our_error() -> None:
    with pytest.raises(RegexError, match="RE2"):
        compile_exact("a{1,5000}")


def test_an_expression_that_hyperscan_refuses_is_our_error() -> None:
    with pytest.raises(RegexError, match="Hyperscan"):
        Automaton(["(?=a)"])


RULES = [Regex(r"\bab(?: c[de]{1,3}){2}"), Regex(r"(?i)\bÄb?c"), Regex(r"b[^a]{0,9}!")]
WHOLE = compile_ahead(RULES)
PLAIN = re2.compile("|".join(f"(?:{rule.ahead})" for rule in RULES).encode())


@given(st.text(alphabet="abcdeÄäA !日\n\0", max_size=12))
def test_a_set_says_what_the_expression_itself_would(text: str) -> None:
    data = text.encode()
    assert bool(WHOLE(data)) == (PLAIN.fullmatch(data) is not None)


def test_what_is_too_much_for_a_set_is_our_error() -> None:
    with pytest.raises(RegexError, match="RE2"):
        compile_ahead([Regex("(?:(?:(?:(?:ab){8}){8}){8}){8}x")])


def test_what_another_policy_wants_again_is_compiled_once() -> None:
    first = compile_ahead(RULES)
    assert compile_ahead([Regex(r"\bab(?: c[de]{1,3}){2}"), *RULES[1:]]) is first
    for number in range(_MOST_WHOLES + 72):
        compile_ahead([Regex(f"rule {number}")])
    again = compile_ahead(RULES)
    assert len(_WHOLES) <= _MOST_WHOLES
    for data in (b"ab", b"ab cd", b"b!", b"x"):
        assert bool(again(data)) == bool(first(data))


CUT = Automaton([r"\bab", "b{2,}", "a[ -]{1,3}é", r"1\b", "é(?:1|aa)é"])


@given(st.lists(st.text("ab1 -é\n", max_size=6)), st.integers(1, 5))
def test_a_text_in_pieces_has_in_it_what_it_has_as_one(words: list[str], size: int) -> None:
    data = "".join(words).encode()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert sorted(CUT.occurring_in(pieces)) == sorted(CUT.occurring(data))
