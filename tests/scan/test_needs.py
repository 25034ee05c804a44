from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.scan.decode import RUN
from gateway.scan.detector import Detector, make
from gateway.scan.injection import INJECTION, RULES
from gateway.scan.matcher import Automaton
from gateway.scan.needs import Sieve, met
from gateway.scan.reader import Hit, Reader, State
from gateway.scan.regex import Regex
from gateway.scan.secrets import SECRETS
from gateway.scan.vocabulary import words_of

DETECTORS = (*INJECTION, *SECRETS)
WORDS_OF_4 = ("lemon", "melon", "peach", "grape")
SENTENCES = [one for rule in RULES for one in rule.positives]
WORDS = st.sampled_from(sorted({word for one in SENTENCES for word in one.split()}))


def is_met(pattern: str, text: str) -> bool:
    return met(Regex(pattern).needs, words_of(text.encode()), text.encode().lower())


@cache
def readers() -> tuple[Reader, Reader]:
    """One as it is, and one that looks for all that occurs."""
    automaton = Automaton([RUN.trigger, *(one.regex.trigger for one in DETECTORS)])
    sieved, plain = (Reader(automaton, dict(enumerate(DETECTORS, 1))) for _ in range(2))
    plain._sieve = _Nothing()
    return sieved, plain


class _Nothing(Sieve):
    def left(self, detectors: object, data: bytes) -> list[Detector]:
        return list(detectors)  # type: ignore[call-overload, no-any-return]


def places(hits: list[Hit]) -> list[tuple[Detector, int, int, int, int, float]]:
    return [(it.detector, it.origin, it.start, it.end, it.stop, it.score) for it in hits]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\bignore[^A-Za-z]{1,5}(?:all|any)[^A-Za-z]{1,5}rules?\b", "rules? Ignore any.", True),
        (r"\bignore[^A-Za-z]{1,5}(?:all|any)[^A-Za-z]{1,5}rules?\b", "ignore many rules", False),
        (r"\bignore[^A-Za-z]{1,5}(?:all|any)[^A-Za-z]{1,5}rules?\b", "ignored all rules", False),
        ("(?:dis)?regard", "I have no regard", True),
        ("(?:dis)?regard", "disregarding", True),
        (
            r"\b(?:reveal|show(?:[ ,]+me)?)[ ,]+(?:it|the[ ,]+(?:key|code))\b",
            "the code? Show",
            True,
        ),
        (r"\b(?:reveal|show(?:[ ,]+me)?)[ ,]+(?:it|the[ ,]+(?:key|code))\b", "code, key", False),
        (r"\b(?:reveal|show(?:[ ,]+me)?)[ ,]+(?:it|the[ ,]+(?:key|code))\b", "shows it", False),
        (r"\b(?:reveal|show(?:[ ,]+me)?)[ ,]+(?:it|the[ ,]+(?:key|code))\b", "reveal code", False),
        ("(?:very )?secret", "secrets", True),
        ("(?:very ){2,3}secret", "secret", False),
        ("[kK]ey", "KEY", True),
        ("(?i)\u212aey", "a key", True),
        ("(?i)[\u0100-\u2200]ecret", "a secret", True),
        ("étage|xyz", "y", False),
        ("é", "e", False),
        ("[0-9]{4}", "none", True),
        ("", "", True),
    ],
)
def test_what_a_match_needs(pattern: str, text: str, expected: object) -> None:
    assert is_met(pattern, text) is expected


@pytest.mark.parametrize("one", DETECTORS, ids=lambda one: f"{one.kind}-{one.rule}")
def test_every_example_of_a_rule_has_what_its_matches_need(one: Detector) -> None:
    for text in SENTENCES:
        data = text.encode()
        if text.isascii() and one.exact.search(data) is not None:
            assert met(one.regex.needs, words_of(data), data.lower())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_matches_has_what_is_needed(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(DETECTORS))
    flags = re.IGNORECASE if one.kind == "injection" else 0
    matching = st.from_regex(re.compile(one.regex._source, flags), fullmatch=True)
    text = data.draw(matching).encode("ascii", "ignore")
    if one.exact.search(text) is not None:
        assert met(one.regex.needs, words_of(text), text.lower())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(WORDS, st.sampled_from(SENTENCES)), max_size=40), st.text(max_size=9))
def test_a_reader_finds_what_it_finds_without_a_sieve(words: list[str], more: str) -> None:
    text = " ".join([*words, more])
    sieved, plain = readers()
    expected = plain.read(State("x "), text)
    # At the first, what is needed is not known of each detector.
    for _ in range(2):
        hits, runs = sieved.read(State("x "), text)
        assert (places(hits), runs) == (places(expected[0]), expected[1])


def test_a_sieve_learns_one_detector_from_each_text() -> None:
    several = [make("pattern", "X", rf"\bthe[ ,]+{word}\b", lambda _: 1.0) for word in "abcd"]
    sieve = Sieve()
    left = [len(sieve.left(several, b"no such thing")) for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert sieve.left(several, b"a: the") == several[:1]


def test_what_a_sieve_learns_while_a_text_is_asked_for_its_words_is_not_held_against_it() -> None:
    several = [make("pattern", "X", rf"\bthe[ ,]+{word}\b", lambda _: 1.0) for word in "abcd"]
    sieve = Sieve()

    class Slow(bytes):
        """Another thread learns all that there is to learn before this text is read on."""

        def lower(self) -> bytes:
            for _ in several:
                sieve.left(several, b"")
            return super().lower()

    assert sieve.left(several, Slow(b"the a, the b, the c, the d")) == several


def test_beyond_ascii_and_of_few_detectors_nothing_is_left_out() -> None:
    several = [make("pattern", "X", rf"\bthe[ ,]+{word}\b", lambda _: 1.0) for word in "abcd"]
    sieve = Sieve()
    for _ in several:
        sieve.left(several, b"")
    assert sieve.left(several, "é".encode()) == several
    assert sieve.left(several[:3], b"none") == several[:3]


def test_what_a_detector_needs_first_is_told_of_all_at_once_and_the_rest_of_each() -> None:
    several = [make("pattern", "X", rf"\b{word}[ ,]+rules\b", lambda _: 1.0) for word in WORDS_OF_4]
    sieve = Sieve()
    for _ in several:
        sieve.left(several, b"")
    assert sieve.left(several, b"lemon, melon") == []
    assert sieve.left(several, b"no lemon rules here") == several[:1]
    assert sieve.left(several, b"melon rules, lemon rules") == several[:2]
