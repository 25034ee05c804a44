from __future__ import annotations

from re import _parser as sre_parser  # type: ignore[attr-defined]

import pytest

from gateway.scan.injection import INJECTION, RULES
from gateway.scan.telling import APART, telling


def told(pattern: str) -> list[set[str]]:
    return [{*some.split(APART)} for some in telling(sre_parser.parse(pattern))]


@pytest.mark.parametrize(
    ("pattern", "sets"),
    [
        ("Ignore.{0,9}(?:rules?|orders)", [{"ignore"}, {"rule", "orders"}]),
        ("(?:a|bcd)x{0,3}", [{"a", "bcd"}]),
        ("(?:правил|규칙)", [{"правил", "규칙"}]),
        ("(?:all )?(?:rules|[a-z]{1,9})", []),
        ("(?:abc|)[0-9]", []),
        ("(?:never){2,3}", [{"never"}]),
        ("", []),
    ],
)
def test_what_tells_of_an_expression(pattern: str, sets: list[set[str]]) -> None:
    assert told(pattern) == sets


def test_something_tells_of_every_rule() -> None:
    assert [one.rule for one in INJECTION if not one.regex.telling] == []


def test_what_tells_of_a_rule_stands_in_all_that_it_finds() -> None:
    for rule in RULES:
        own = [one for one in INJECTION if one.rule == rule.id]
        for text in rule.positives:
            for one in own:
                found = one.exact.search(text.encode())
                if found is None:
                    continue
                part = found[0].decode().lower()
                for some in one.regex.telling:
                    assert any(it in part for it in some.split(APART)), (rule.id, text)


def test_only_the_most_telling_are_kept() -> None:
    assert len(told("alpha.beta.gamma.delta")) == 2
