from __future__ import annotations

from re import _parser as sre_parser  # type: ignore[attr-defined]

import pytest

from gateway.scan.factor import factor, literals
from gateway.scan.injection import INJECTION
from gateway.scan.matcher import Automaton
from gateway.scan.regex import Regex


@pytest.mark.parametrize(
    ("pattern", "least"),
    [("abc", 3), ("a(?:bc|d)", 2), ("(?:ab){2,3}", 4), ("[ab]c?", 0), ("\u00e9", 2)],
)
def test_the_literal_bytes_of_the_shortest_match(pattern: str, least: int) -> None:
    assert literals(list(sre_parser.parse(pattern))) == least


def test_words_are_looked_for_and_not_what_is_between_them() -> None:
    nodes = list(sre_parser.parse("ignore[a-z]{0,9}(?:all|these)"))
    assert literals(factor(nodes)) == len("ignore")
    assert len(factor(nodes)) == len("ignore")


def test_an_expression_without_words_is_looked_for_as_a_whole() -> None:
    nodes = list(sre_parser.parse("[0-9]{4}x[0-9]{4}"))
    assert factor(nodes) == nodes


@pytest.mark.parametrize("text", ["ignore all rules", "ignore these rules"])
def test_it_stands_in_every_match(text: str) -> None:
    regex = Regex("ignore (?:all|these) [a-z]{3,9}")
    assert Automaton([regex.trigger]).occurring(text.encode()) == [0]


def test_bug_a_rule_without_a_word_in_every_match_took_most_of_what_all_took_to_compile() -> None:
    sizes = {one.rule: Automaton([one.regex.trigger])._database.size() for one in INJECTION}
    assert max(sizes.values()) <= 200_000, max(sizes, key=lambda name: sizes[name])
