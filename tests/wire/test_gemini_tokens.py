"""Gemini's log probabilities: what they spell beyond the answer's own text is read."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.wire.gemini_tokens import spoken_by, tokens_in
from gateway.wire.respellings import unspoken

CHOSEN = [
    {"token": "Hi", "tokenId": 1, "logProbability": -0.1},
    {"token": " Ada", "tokenId": 2, "logProbability": -0.2},
]
SPOKEN = {"content": {"parts": [{"text": "Hi"}, {"inlineData": {}}, {"text": " Ada"}]}}


def beyond(result: Any, candidate: Any = SPOKEN) -> list[str]:
    return [text for _, text in unspoken(tokens_in(result), spoken_by(candidate))]


def test_tokens_that_spell_the_answer_say_nothing_more() -> None:
    assert beyond({"chosenCandidates": CHOSEN, "logProbabilitySum": -0.3}) == []
    assert beyond({"chosen_candidates": CHOSEN}) == []


def test_alternatives_are_a_text_for_each_rank() -> None:
    steps = [
        {"candidates": [{"token": "Hi"}, {"token": "bob@", "logProbability": -2}]},
        {"candidates": [{"token": " Ida"}, {"token": "example.com"}]},
    ]
    for key in ("topCandidates", "top_candidates"):
        assert beyond({"chosenCandidates": CHOSEN, key: steps}) == ["bob@example.com", " Ida"]


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({"chosenCandidates": CHOSEN, "odd": "secret"}, "secret"),
        ({"chosenCandidates": [{"token": "secret", "logProbability": -1}]}, "secret"),
        ({"chosenCandidates": [{"token": "Hi", "tokenId": "secret"}]}, "secret"),
        ({"chosenCandidates": [{"token": "Hi", "logProbability": "secret"}]}, "secret"),
        ({"chosenCandidates": ["Hi", 3, ["secret"]]}, "secret"),
        ({"chosenCandidates": "secret"}, "secret"),
        ({"topCandidates": [{"candidates": [{"token": "secret"}]}]}, "secret"),
        ({"topCandidates": [{"candidates": "secret"}]}, "secret"),
        ({"topCandidates": [{"candidates": [], "odd": "secret"}]}, "secret"),
        ({"topCandidates": "secret"}, "secret"),
        ({"logProbabilitySum": "secret"}, "secret"),
        ("secret", "secret"),
        (["secret"], "secret"),
    ],
)
def test_all_else_is_text(result: Any, text: str) -> None:
    assert text in "\n".join(beyond(result))


@pytest.mark.parametrize("candidate", [{}, {"content": None}, {"content": {"parts": None}}])
def test_a_candidate_without_a_text_speaks_none(candidate: Any) -> None:
    assert spoken_by(candidate) == {"tokens": ""}
    assert beyond(None, candidate) == []
