"""The lines of a stream: channels, what closes them, and what spells them again."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import UpstreamError
from gateway.wire.exchange import Delta
from gateway.wire.ollama_line import LineReader, spells


def message(**members: Any) -> dict[str, Any]:
    return {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": members, "done": False}


def test_thinking_ends_when_the_answer_begins() -> None:
    reader = LineReader()
    assert reader.read(message(role="assistant", content="", thinking="hm")).closes == []
    assert reader.read(message(content="Hi")).closes == ["message/thinking"]
    last = reader.read({**message(content=" Ada"), "done": True})
    assert [delta.channel for delta in last.deltas] == ["message/content"]
    assert last.closes == ["message/content"]


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


def delta(channel: str, text: str) -> Delta:
    return Delta(channel, text, (channel,))


@pytest.mark.parametrize(
    ("logprobs", "holds"),
    [
        (None, True),
        ([], True),
        ([{"token": "hm", "logprob": -1}, {"token": "Hé", "logprob": -1}], True),
        ([{"token": "hmH"}, {"token": "\ufffd", "bytes": [0xC3]},
          {"token": "\ufffd", "bytes": [0xA9]}], True),
        ([{"token": "hmHé", "bytes": None, "top_logprobs": []}], True),
        ([{"token": "hm"}], False),
        ([{"token": "hmHé"}, {"token": "!"}], False),
        ([{"token": "hmHé", "bytes": [72]}], False),
        ([{"token": "hmHé", "note": "a secret"}], False),
        ([{"token": 3}], False),
        ([{"logprob": 3}], False),
        ([{"token": "hmHé", "bytes": [999]}], False),
        (["hmHé"], False),
        ({"token": "hmHé"}, False),
        ("hmHé", False),
        ([{"token": "\ud800"}], False),
    ],
)  # fmt: skip
def test_log_probabilities_spell_the_texts_of_their_line_or_something_else(
    logprobs: Any, *, holds: bool
) -> None:
    deltas = (delta("message/content", "Hé"), delta("message/thinking", "hm"))
    assert spells(logprobs, deltas) is holds


def test_tokens_of_a_line_without_text_spell_what_is_still_to_come() -> None:
    assert not spells([{"token": "4111"}], ())
