from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan.matcher import (
    Automaton,
    compile_ahead,
    compile_any,
    compile_exact,
    compile_open,
    compile_starts,
    ending,
    searching,
)
from gateway.scan.regex import Regex, RegexError

SOURCES = [
    r"project[ -]bluebird",
    r"a{2,4}b?c",
    r"(?:ab|cd){1,3}x",
    r"x[^y]{0,12}z",
    r"(?i:ab)c|d{3}",
    r"a(?:b(?:c|de){0,2}f)?g",
    r"\d{2,3}-\w{1,10}",
    r"[\s\S]{2}q",
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.data())
def test_every_prefix_of_a_match_is_seen_as_open(source: str, data: st.DataObject) -> None:
    regex = Regex(source)
    match = data.draw(st.from_regex(re.compile(source, re.ASCII), fullmatch=True))
    match = match.encode("utf-8", "replace").decode()
    behind, ahead = compile_open([regex]), compile_ahead([regex])
    for length in range(1, len(match) + 1):
        prefix = match[:length]
        assert ahead(prefix.encode())
        assert behind.match(prefix[::-1].encode()).end() == len(prefix.encode())
        for count in (1, 4, length):
            assert compile_starts([regex], count)(prefix[:count].encode())
    assert Automaton([regex.trigger]).occurring(b". " + match.encode() + b" .") == [0]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.integers(1, 4), st.data())
def test_every_prefix_of_a_match_has_what_it_begins_with_or_is_a_part_of_that(
    source: str, count: int, data: st.DataObject
) -> None:
    begins = Regex(source).begins(count)
    if begins is None:
        return
    has_begun, begun = searching(compile_exact(begins[0])), ending(compile_any(begins[1:]))
    match = data.draw(st.from_regex(re.compile(source, re.ASCII), fullmatch=True))
    match = match.encode("utf-8", "replace").decode()
    for length in range(1, len(match) + 1):
        prefix = match[:length]
        part = begun(prefix[::-1].encode()) == len(prefix.encode())
        assert part or has_begun(b". " + prefix.encode())


def test_what_a_choice_begins_with_is_not_cut_short() -> None:
    whole, _ = Regex(r"(?:abcdef|x)yz\d{4}").begins(3) or ("", "")
    has_begun = searching(compile_exact(whole))
    assert has_begun(b"so abcdefyz")
    assert has_begun(b"so xyz")
    assert not has_begun(b"so abcyz abcdef xy")
    assert Regex(r"(?:abcdef|x)y").begins(3) is None


@pytest.mark.parametrize("source", SOURCES)
def test_the_exact_form_means_what_python_means(source: str) -> None:
    exact = re2.compile(Regex(source).exact)
    for text in (
        "project bluebird",
        "aaac",
        "cdabx",
        "x123z",
        "ABc",
        "ddd",
        "abdecfg",
        "12-a",
        "..q",
    ):
        assert bool(exact.fullmatch(text)) == bool(re.fullmatch(source, text, re.ASCII))


def test_what_matches_begin_with_is_short() -> None:
    regex = Regex(r"\b(?:ignore|forget|a)(?: (?:all|every)){0,2} (?:instructions|orders|rules) now")
    starts, ahead = compile_starts([regex], 4), compile_ahead([regex])
    for text in ("i", "igno", "for", "a in", "a al", "a", "a a", "a or"):
        assert starts(text.encode())
        assert ahead(text.encode())
    for text in ("igni", "x", "no", "the ", "a xx"):
        assert not starts(text.encode())
        assert not ahead(text.encode())
    small, large = (re2.compile(one).programsize for one in (regex.starts(4), regex.ahead))
    assert small * 2 < large


def test_unrelated_text_is_not_open() -> None:
    behind = compile_open([Regex(r"project[ -]bluebird")])
    assert behind.match("the end.x"[::-1].encode()).end() == 0
    assert behind.match("a big proj"[::-1].encode()).end() == len("proj")


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("(", "missing"),
        ("(?=a)b", "look-ahead"),
        (r"(a)\1", "back-references"),
        ("^a", "anchors"),
        ("(?m:a)", "inline flags"),
        ("[[:alpha:]]", "backslash"),
        (r"[^\S]", "negated"),
        ("(?:" * 3000 + "a" + ")" * 3000, "deep"),
    ],
)
def test_what_the_dialect_lacks_is_refused_in_words(source: str, word: str) -> None:
    with pytest.raises(RegexError, match=word):
        Regex(source)


def test_widths_and_word_starts() -> None:
    regex = Regex(r"\bab{2,5}")
    assert (regex.shortest, regex.longest, regex.starts_words) == (3, 6, True)
    assert not Regex("ab").starts_words
    assert Regex(r"(?:<a|\[b)x").starts_words
    # A letter beyond ASCII follows no letter of ASCII in a word, unless it is one in another case.
    assert Regex(r"(?:密码|парол|\ba)x").starts_words
    assert not Regex("(?:密码|\u017f)x").starts_words


def test_boundaries_beside_letters_beyond_ascii_are_not_asked_for() -> None:
    assert re2.compile(Regex(r"\bübung").exact).search("die übung")


def test_words_that_stand_apart_do_not_trigger() -> None:
    regex = Regex(r"(?:note|orders?)[^a-z]{1,5}(?:to|for)[^a-z]{1,5}(?:the )?(?:model|agent)")
    automaton = Automaton([regex.trigger])
    assert automaton.occurring(b"in order to be one for the agent") == []
    assert automaton.occurring(b"the order that came for the agent, to note it") == []
    assert automaton.occurring(b"some orders for the model") == [0]


@pytest.mark.parametrize(
    ("source", "head"),
    [
        (r"\bkey=[a-z]{6,90}", "key="),
        (r"(?i:key|token) ?=[a-z]{6,90}", "TOKEN ="),
        (r"[a-z]{6,90}@key", ""),
        (r"a[0-9]{2,90}", ""),
    ],
)
def test_the_head_of_a_match_is_a_word_that_is_not_wide(source: str, head: str) -> None:
    regex = Regex(source)
    assert bool(regex.head) == bool(head)
    assert not head or re2.compile(regex.head).fullmatch(head)
