from __future__ import annotations

import pytest

from gateway.scan.decode import RUN
from gateway.scan.detector import CONTEXT, Candidate, make
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
