from __future__ import annotations

import re

import pytest

from gateway.scan import rules_words
from gateway.scan.rules_words import DROP, EARLIER, ORDERS, TELL, UNBOUND


@pytest.mark.parametrize("name", [one for one in rules_words.__all__ if one.islower() is False])
def test_each_is_a_reference_or_a_part_of_an_expression(name: str) -> None:
    value = getattr(rules_words, name)
    assert value.startswith("OWASP LLM") or re.compile(value).groups == 0


@pytest.mark.parametrize(
    ("stock", "words"),
    [
        (DROP, ("ignore", "disregarding", "pay no attention to", "stop following", "set aside")),
        (EARLIER, ("previous", "above", "foregoing", "system", "pre-existing")),
        (ORDERS, ("instructions", "rule", "guidelines", "programming", "policies")),
        (TELL, ("reveal", "print out", "spell", "summarise")),
        (UNBOUND, ("unrestricted", "amoral", "DAN")),
    ],
    ids=["drop", "earlier", "orders", "tell", "unbound"],
)
def test_stocks_hold_the_words_of_their_kind(stock: str, words: tuple[str, ...]) -> None:
    for word in words:
        assert re.fullmatch(stock, word, re.IGNORECASE), word
    assert not re.fullmatch(stock, "bicycle", re.IGNORECASE)
