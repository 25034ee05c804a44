"""The demo model's completions: every body and every event is valid by the SDK's own types."""

from __future__ import annotations

from openai.types import Completion

from gateway.demo.openai_completions_api import answer, events, read
from gateway.demo.reply import DemoReply

REQUEST = read(
    {"model": "demo-small", "prompt": ["a", "b"], "n": 2, "echo": True, "stream": True,
     "stream_options": {"include_usage": True}}, "", {},
)  # fmt: skip
REPLY = DemoReply('Say "hi" é')


def test_a_whole_answer_is_valid_and_repeats_each_prompt_where_asked() -> None:
    got = Completion.model_validate_json(answer(REQUEST, REPLY, 7), strict=True)
    assert [choice.text[0] for choice in got.choices] == ["a", "a", "b", "b"]
    assert {choice.text[1:] for choice in got.choices} == {'Say "hi" é'}
    assert got.id == "cmpl-demo00000007"


def test_every_event_of_a_stream_is_valid_and_says_the_same() -> None:
    *chunks, done = events(REQUEST, REPLY, 7)
    assert done == b"data: [DONE]\n\n"
    texts = [""] * 4
    for chunk in chunks:
        raw = chunk.removeprefix(b"data: ").replace(
            b'"finish_reason":null', b'"finish_reason":"stop"'
        )
        for choice in Completion.model_validate_json(raw, strict=True).choices:
            texts[choice.index] += choice.text
    whole = Completion.model_validate_json(answer(REQUEST, REPLY, 7))
    assert texts == [choice.text for choice in whole.choices]


def test_the_number_of_choices_is_bounded() -> None:
    assert read({"model": "m", "prompt": "x", "n": 10**6}, "", {}).choices == 16
