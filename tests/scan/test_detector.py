from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan.decode import RUN
from gateway.scan.detector import CONTEXT, Candidate, Finder, make
from gateway.scan.injection import INJECTION
from gateway.scan.matcher import Automaton
from gateway.scan.pii import PII
from gateway.scan.reader import Reader, State
from gateway.scan.regex import RegexError
from gateway.scan.secrets import SECRETS


def test_a_check_sees_a_bounded_neighbourhood() -> None:
    seen: list[Candidate] = []

    def check(found: Candidate) -> None:
        seen.append(found)

    detector = make("pattern", "X", "needle", check)
    reader = Reader(Automaton([RUN.trigger, detector.regex.trigger]), {1: detector})
    reader.read(State(), "é" * 200 + "needle and more")
    assert seen == [Candidate("é" * CONTEXT, "needle", " ")]


def test_a_bad_expression_is_our_error() -> None:
    with pytest.raises(RegexError):
        make("pattern", "X", "(", lambda _found: 1.0)


def test_an_expression_that_only_re2_refuses_is_our_error_before_a_policy_acts() -> None:
    with pytest.raises(RegexError, match="RE2"):
        make("pattern", "X", "(?:a{1,32}){1,32}", lambda _found: 1.0)


def test_every_expression_of_the_gateway_compiles_once_it_is_asked() -> None:
    for one in (*PII, *SECRETS, *INJECTION):
        assert one.exact is one.exact


def test_what_is_forgotten_is_compiled_again() -> None:
    detector = make("secrets", "X", "needle", lambda _found: 1.0)
    before = detector.exact
    detector.finder.forget()
    detector.finder.forget()
    assert detector.exact.search(b"a needle").span() == before.search(b"a needle").span() == (2, 8)


HEADED = Finder(r"(?i)\b(?:key|pin)[a-z-]{0,4}=([a-z=-]{2,9})", r"(?i)\b(?:key|pin)")
PIECES = st.sampled_from(
    ["key", "pin", "KEY=", "=", "-", "a", "xy", " ", "\u00e9", "keypin=key=ab"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=20).map("".join), st.integers(0, 4))
def test_what_is_looked_for_from_its_head_on_is_what_is_looked_for_at_once(
    text: str, start: int
) -> None:
    data = text.encode()
    found, at_once = HEADED.search(data, start), HEADED.compiled.search(data, start)
    assert (found and found.span()) == (at_once and at_once.span())
    assert (found and found.span(1)) == (at_once and at_once.span(1))


@pytest.mark.parametrize(
    "rule", ["marked", "GENERIC_SECRET", "url", "authorization-header", "pass", "BASIC_AUTH"]
)
def test_wide_matches_are_looked_for_from_their_heads_on(rule: str) -> None:
    # Looked for at once, texts of many beginnings of these took a second for each three KB.
    wide = [one for one in (*PII, *SECRETS) if one.rule == rule and one.regex.longest > 64]
    assert wide
    for one in wide:
        assert one.finder._head


def test_a_match_that_has_no_bound_is_looked_for_at_once() -> None:
    # From each of many heads on it would be looked for to the end of the text.
    for one in (*PII, *SECRETS):
        assert not one.finder._head or one.regex.longest <= 1024
