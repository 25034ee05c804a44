"""The lines of a stream: channels, what closes them, and what spells them again."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import UpstreamError
from gateway.wire.ollama_line import LineReader


def message(**members: Any) -> dict[str, Any]:
    return {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": members, "done": False}


def test_thinking_ends_when_the_answer_begins() -> None:
    reader = LineReader()
    assert reader.read(message(role="assistant", content="", thinking="hm")).closes == []
    assert reader.read(message(content="Hi")).closes == ["message/thinking"]
    last = reader.read({**message(content=" Ada"), "done": True})
    assert [delta.channel for delta in last.deltas] == ["message/content"]
    assert last.closes == ["message/content"]


def test_an_error_ends_what_was_being_said() -> None:
    reader = LineReader()
    reader.read(message(content="I was ab"))
    pieces = reader.read({"error": "out of memory"})
    assert "message/content" in pieces.closes


def test_a_text_to_go_on_with_has_channels_of_its_own() -> None:
    reader = LineReader()
    assert reader.read({"thinking": "hm", "done": False}).deltas[0].channel == "thinking"
    pieces = reader.read({"response": "Hi", "done": False})
    assert ([one.channel for one in pieces.deltas], pieces.closes) == (["response"], ["thinking"])


def test_a_tool_call_comes_whole() -> None:
    call = {"id": "c", "function": {"index": 0, "name": "f", "arguments": {"to": ["a", 411111111]}}}
    pieces = LineReader().read(message(role="assistant", content="", tool_calls=[call]))
    assert [(one.path[4:], one.text, one.rewritable) for one in pieces.deltas] == [
        (("name",), "f", False),
        (("arguments", "to"), "to", False),
        (("arguments", "to", 0), "a", True),
        (("arguments", "to", 1), "411111111", True),
    ]
    assert pieces.closes == [one.channel for one in pieces.deltas]


def test_words_at_unknown_places_are_running_texts() -> None:
    reader = LineReader()
    first = reader.read({**message(musings="a@exam"), "note": {"deep": "b@exam"}})
    later = reader.read({**message(musings="ple.com"), "note": {"deep": "ple.com"}})
    joined: dict[str, str] = {}
    for delta in (*first.deltas, *later.deltas):
        joined[delta.channel] = joined.get(delta.channel, "") + delta.text
    assert joined["message/musings"] == "a@example.com"
    assert joined["note/deep"] == "b@example.com"
    assert {"musings", "note", "deep"} <= set(joined.values())


def test_what_looks_like_no_setting_is_a_text() -> None:
    line = {**message(role="call me, please"), "done_reason": "I had enough", "created_at": "no w"}
    pieces = LineReader().read(line)
    assert {one.text for one in pieces.deltas} == {"call me, please", "I had enough", "no w"}
    assert not any(one.rewritable for one in pieces.deltas)


@pytest.mark.parametrize(
    "line",
    [
        {"message": "x"},
        {"message": {"content": 3}},
        {"message": {"tool_calls": {}}},
        {"message": {"images": 5}},
        {"response": ["x"]},
    ],
)
def test_wrong_types_are_the_upstreams_fault(line: Any) -> None:
    with pytest.raises(UpstreamError):
        LineReader().read(line)


def respelt(message: dict[str, Any], *tokens: Any) -> dict[str, str]:
    pieces = LineReader().read({"message": message, "logprobs": [*tokens], "done": False})
    return {one.channel: one.text for one in pieces.deltas if "logprobs" in one.path}


def token(text: str, *more: str) -> dict[str, Any]:
    alternatives = [{"token": one, "logprob": -2.5} for one in (text, *more)]
    return {"token": text, "logprob": -0.5, "top_logprobs": alternatives}


def test_log_probabilities_spell_the_text_of_their_line_or_are_texts_themselves() -> None:
    said = {"content": "Hé", "thinking": "hm"}
    part = [{"token": "\ufffd", "logprob": -1, "bytes": [byte]} for byte in "é".encode()]
    assert respelt(said, token("hm"), token("H"), *part) == {}
    assert respelt(said, token("hm"), token("Ho")) == {"logprobs/tokens": "hmHo"}
    assert respelt(said, token("hm", "4111"), token("Hé", "1111")) == {"logprobs/1": "41111111"}
    assert respelt({"content": ""}, token("a@exam")) == {"logprobs/tokens": "a@exam"}
    assert respelt(said, {**token("hm"), "note": "a secret"}) == {
        "logprobs/other": "note\na secret"
    }


def test_tokens_ahead_of_their_text_are_running_texts() -> None:
    reader = LineReader()
    first = reader.read({"response": "", "logprobs": [token("a@exam")], "done": False})
    second = reader.read({"response": "", "logprobs": [token("ple.com")], "done": False})
    (ahead,), (rest,) = first.deltas, second.deltas
    assert ahead.channel == rest.channel
    assert ahead.channel not in {*first.closes, *second.closes}
