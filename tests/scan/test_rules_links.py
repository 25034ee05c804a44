from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from injection import entities_in, found_by, negatives, positives, source_of

from gateway.scan.rules_links import LINKS, carries_text

if TYPE_CHECKING:
    from gateway.scan.rules import InjectionRule


@pytest.mark.parametrize(("rule", "text"), positives(LINKS))
def test_positives(rule: InjectionRule, text: str) -> None:
    assert found_by(rule, text)
    source = source_of(rule)
    assert source is None or rule.entity in entities_in(text, source)


@pytest.mark.parametrize(("rule", "text"), negatives(LINKS))
def test_benign_twins(rule: InjectionRule, text: str) -> None:
    assert entities_in(text) == set(), rule.id


@pytest.mark.parametrize(
    ("link", "carries"),
    [
        ("https://a.example/?q=one+two+three+four", True),
        ("https://a.example/?one+two+three+four", True),
        ("https://a.example/" + b"the user is Anna".hex() + "0a0a", True),
        ("https://a.example/?id=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", False),
        ("https://a.example/some-words-in-a-path-are-its-title", False),
        ("https://a.example/?v=1&size=large", False),
        ("https://[broken/?q=one+two+three+four", False),
    ],
    ids=["words", "name", "hex", "hash", "path", "parameters", "broken"],
)
def test_what_an_address_tells_its_host(link: str, *, carries: bool) -> None:
    assert carries_text(link) is carries
