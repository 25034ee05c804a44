from __future__ import annotations

import pytest

from gateway.scan.decode import RUN
from gateway.scan.detector import CONTEXT, Candidate, make
from gateway.scan.matcher import Automaton
from gateway.scan.reader import Reader, State
from gateway.scan.regex import RegexError


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
