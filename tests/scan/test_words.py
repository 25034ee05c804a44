"""Lists of words: what is a whole word, and that streams find the same terms as whole texts."""

from __future__ import annotations

import functools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.scan.engine import Engine
from gateway.scan.rewriting import rewrite
from gateway.scan.words import LONGEST, WordList, check_term, word_list
from gateway.terms import PROVENANCES, Action, ScannerSpec, Words

TERMS = (
    *(
        "Bluebird",
        "red fox",
        "red",
        "fox hunt",
        "M\u00fcller",
        "\u5317\u4eac",
        "\u0433\u0430\u0437",
    ),
    *(
        "C++",
        "\u039f\u0394\u039f\u03a3",
        "caf\u00e9 au lait",
        "aba",
        "abab",
        "x-ray",
        "r\u00e9sum\u00e9",
    ),
)


def spec(name: str = "own", terms: tuple[str, ...] = TERMS) -> ScannerSpec:
    words = {"PROJECT": Words.of(terms)}
    return ScannerSpec(name, "pattern", frozenset(PROVENANCES), action=Action.REDACT, words=words)


@functools.cache
def engine() -> Engine:
    return Engine([spec()])


def rewritten(text: str) -> str:
    return rewrite(text, engine().scan(text, "user", ("own",)).replacements)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("on bluebird now", "on [PROJECT] now"),
        ("BLUEBIRD\u2019s nest", "[PROJECT]\u2019s nest"),
        ("bluebirds and xbluebird", "bluebirds and xbluebird"),
        ("bluebird_v2.yaml", "[PROJECT]_v2.yaml"),
        ("a red fox hunt", "a [PROJECT] hunt"),
        ("the red\nfox", "the [PROJECT]"),
        ("fox hunt", "[PROJECT]"),
        ("M\u00dcLLER, muller, Mu\u0308ller", "[PROJECT], [PROJECT], [PROJECT]"),
        ("\u6211\u5728\u5317\u4eac\u5927\u5b66", "\u6211\u5728[PROJECT]\u5927\u5b66"),
        (
            "\u0413\u0410\u0417 \u0413\u0430\u0437 \u0433\u0430\u0437\u044b",
            "[PROJECT] [PROJECT] \u0433\u0430\u0437\u044b",
        ),
        ("\u03bf\u03b4\u03bf\u03c2 \u039f\u0394\u039f\u03a3", "[PROJECT] [PROJECT]"),
        ("in C++, not in C+", "in [PROJECT], not in C+"),
        ("blu\u200bebird %62luebird", "[PROJECT] [PROJECT]"),
        ("Ymx1ZWJpcmQgaXMgdGhlIG5hbWUgb2YgaXQ=", "[PROJECT]aXMgdGhlIG5hbWUgb2YgaXQ="),
        ("resume R\u00c9SUM\u00c9", "[PROJECT] [PROJECT]"),
    ],
)
def test_terms_are_found_as_whole_words_in_any_case_and_spelling(text: str, result: str) -> None:
    assert rewritten(text) == result


PIECES = [
    *TERMS, *(term.upper() for term in TERMS), *(term[:2] for term in TERMS),
    *(" ", "\n", "s", "_", "\u00e9", "\u0130", "\u03a3", "\u200b", "\u0301"),
    *("&#98;", "%62", "ab", "\ud800"),
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 120), max_size=10))
@example("bluebird", [8])
@example("red fox hunt", [3, 4, 7])
@example("".join(PIECES), list(range(100)))
def test_a_stream_finds_the_terms_of_the_whole(text: str, cuts: list[int]) -> None:
    whole = engine().scan(text, "answer", ("own",))
    scanner = engine().stream("answer", ("own",))
    out, at = [], 0
    for cut in sorted({min(cut, len(text)) for cut in cuts}):
        scanner.feed(text[at:cut])
        out.append(scanner.take(1_000))
        at = cut
    scanner.feed(text[at:])
    scanner.close()
    out.append(scanner.take(scanner.settled))
    assert tuple(scanner.findings) == whole.findings
    assert "".join(out) == rewrite(text, whole.replacements)


@given(
    st.lists(st.sampled_from(["ab", "aba", "a b", "bb", "xa", "b a x"]), min_size=1),
    st.text("ab x", max_size=30),
)
def test_spans_are_what_an_expression_of_all_terms_finds(terms: list[str], text: str) -> None:
    longest = sorted(set(terms), key=len, reverse=True)
    naive = re.compile(rf"(?<![a-z])(?:{'|'.join(longest)})(?![a-z])")
    assert list(WordList(terms).spans(text)) == [match.span() for match in naive.finditer(text)]


@given(st.sampled_from(TERMS), st.text(max_size=8), st.text(max_size=8))
def test_what_could_become_a_term_is_open(term: str, before: str, after: str) -> None:
    words = WordList(TERMS)
    plain = term.lower()
    for count in range(1, len(plain) + 1):
        text = f"{before} {plain[:count]}"
        if text.isascii():
            assert words.open_start("", text) <= len(before) + 1
    assert words.open_start("", f"{before} zzz{after} zzz ") > len(before)


def test_ten_thousand_terms_do_not_slow_what_has_none_of_them() -> None:
    many = tuple(f"name{number}x" for number in range(10_000))
    found = Engine([spec(terms=many)]).scan("about name9999x and name10000x", "user", ("own",))
    assert [(one.start, one.end) for one in found.findings] == [(6, 15)]


@pytest.mark.parametrize("term", ["", " ", "--", "a", "x" * (LONGEST + 1), "a\tb", "\ud800x"])
def test_terms_that_are_none(term: str) -> None:
    assert check_term(term) is not None


@pytest.mark.parametrize("term", TERMS)
def test_terms_that_are_some(term: str) -> None:
    assert check_term(term) is None


def test_the_same_list_is_compiled_once() -> None:
    assert word_list(Words.of(["one", "two"])) is word_list(Words.of(["two", "one", "one"]))
    assert "one" not in repr(Words.of(["one"]))


def test_a_term_can_be_tokenised_and_two_lists_have_two_names() -> None:
    lists = {"PROJECT": Words.of(["bluebird"]), "CITY": Words.of(["oslo"])}
    both = ScannerSpec(
        "own", "pattern", frozenset(PROVENANCES), action=Action.TOKENISE, words=lists
    )
    engine = Engine([both])
    assert engine.tokenises(("own",))
    found = engine.scan("bluebird in oslo", "user", ("own",)).findings
    assert [one.entity for one in found] == ["PROJECT", "CITY"]
