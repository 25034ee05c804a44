"""Where texts stand in Gemini's answers, and what else is read of them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from google.genai.types import GenerateContentResponse
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.exchange import Usage
from gateway.wire.gemini_answer import (
    ANSWER,
    block_reason,
    finish_reason,
    index_of,
    read_usage,
    respells,
    spoken_at,
    without_respellings,
)
from gateway.wire.leaves import Finder

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_TEXT = [
    "I greet",
    "Hi Ada",
    "weather",
    "city",
    "Rome",
    "code_execution",
    "print(2)",
    "two",
    "said aloud",
    "said",
    "aloud",
    "it is done",
    "https://example.com/cited",
    "an open one",
    "cited title",
    "who is ada",
    "<b>who is ada?</b>",
    "https://example.com/ada",
    "about ada",
    "example.com",
    "gs://b/c",
    "a memo",
    "a memo's text",
    "docs/memo one",
    "a chunk",
    "key",
    "k",
    "stringValue",
    "v w",
    "https://maps.example.com",
    "a cafe",
    "a map text",
    "reviewSnippets",
    "review",
    "good tea",
    "https://example.com/src",
    "https://example.com/img",
    "a portrait",
    "Hi Ada again",
    "https://example.com/read",
    "Ho",
    " Bo",
    "not this one",
    "soon to go",
]


def test_every_text_of_an_answer_is_found(load: Callable[[str], Any]) -> None:
    found = Finder.answer()
    ANSWER(found, load("gemini_answer"), (), "answer")
    assert [text.value for text in found.texts] == EVERY_TEXT
    GenerateContentResponse.model_validate(load("gemini_answer"))


def test_thoughts_and_what_tools_put_in_count(load: Callable[[str], Any]) -> None:
    assert read_usage(load("gemini_answer")) == Usage(15, 10)
    assert read_usage({"usageMetadata": {"promptTokenCount": 3}}) == Usage(3, None)
    assert read_usage({"usageMetadata": {"promptTokenCount": "3"}}) == Usage(None, None)
    assert read_usage({"usageMetadata": []}) is None
    assert read_usage({}) is None


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        ({"finishReason": "MAX_TOKENS"}, "MAX_TOKENS"),
        ({"finish_reason": "STOP"}, "STOP"),
        ({"finishReason": "two words"}, "unknown"),
        ({"finishReason": 1}, "unknown"),
        ({"finishReason": {}}, "unknown"),
        ({"finishReason": "FINISH_REASON_UNSPECIFIED"}, None),
        ({"finishReason": None}, None),
        ({}, None),
    ],
)
def test_why_a_candidate_ended(candidate: dict[str, Any], reason: str | None) -> None:
    assert finish_reason(candidate) == reason


def test_why_a_prompt_has_no_answer() -> None:
    assert block_reason({"promptFeedback": {"blockReason": "SAFETY"}}) == "SAFETY"
    assert block_reason({"prompt_feedback": {"block_reason": ["x"]}}) == "unknown"
    assert block_reason({"promptFeedback": {}}) is None
    assert block_reason({"promptFeedback": "x"}) is None


def test_the_first_candidate_needs_no_index() -> None:
    assert [index_of(one) for one in ({}, {"index": None}, {"index": 2}, {"index": "x"})] == [
        0, 0, 2, "x",
    ]  # fmt: skip


def test_only_what_stands_in_a_content_is_spoken() -> None:
    paths = [
        ("candidates", 0, "groundingMetadata", "webSearchQueries", 0),
        ("candidates", 1, "content", "parts", 0, "text"),
        ("modelStatus", "message"),
    ]
    assert spoken_at(paths) == {1}


def test_what_spells_a_text_again_goes(load: Callable[[str], Any]) -> None:
    candidate = load("gemini_answer")["candidates"][0] | {"logprobsResult": {"x": ["Hi"]}}
    before = copy.deepcopy(candidate)
    after = without_respellings(candidate)
    assert candidate == before
    assert "logprobsResult" not in after
    assert "groundingSupports" not in after["groundingMetadata"]
    assert after["groundingMetadata"]["webSearchQueries"] == ["who is ada"]
    assert after["content"]["parts"][:-1] == before["content"]["parts"][:-1]
    assert after["content"]["parts"][-1] == {
        "audioTranscription": {"text": "said aloud"},
        "inlineData": {"mimeType": "audio/wav"},
    }
    assert without_respellings({"index": 0}) == {"index": 0}
    assert respells(before)


SOUND = {"audio_transcription": {"words": ["x"]}}
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "index": st.just(0),
        "logprobs_result": st.just({}),
        "logprobsResult": st.none(),
        "grounding_metadata": st.sampled_from([None, {}, {"grounding_supports": []}, {"x": 1}]),
        "content": st.sampled_from(
            [None, {}, {"parts": None}]
            + [{"parts": parts} for parts in ([], {"text": "x"}, [{"text": "x"}], [SOUND], SOUND)]
        ),
    },
)


@given(MEMBERS)
def test_what_spells_nothing_again_is_left_as_it_is(candidate: dict[str, Any]) -> None:
    assert respells(candidate) or without_respellings(candidate) == candidate
