"""Chunks of a chat completion: no text in them goes unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamError
from gateway.wire.openai_chunk import ChunkReader, without_respellings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_every_text_of_a_chunk_is_on_its_channel(load: Callable[[str], Any]) -> None:
    pieces, finish = ChunkReader().read(load("openai_chunk"))
    assert finish == "stop"
    running = {d.channel: d.text for d in pieces.deltas if "#" not in d.channel}
    assert running == {
        "choices/0/content": "Hi Ada",
        "choices/0/refusal": "not quite",
        "choices/0/reasoning_content": "I greet",
        "choices/0/reasoning": "a greeting",
        "choices/0/audio/transcript": "Hi there",
        "choices/0/function_call/name": "old",
        "choices/0/function_call/arguments": '{"a":',
        "choices/0/tool_calls/0/name": "weather",
        "choices/0/tool_calls/0/arguments": '{"ci',
        "choices/0/tool_calls/1/name": "shell",
        "choices/0/tool_calls/1/input": "ls",
        "choices/0/unheard_of/0/text": "a hidden text",
        "choices/1/content": "Ho",
    }
    whole = [d.text for d in pieces.deltas if "#" in d.channel]
    assert whole == ["citations", "https://example.com/a b", "unheard_of", "text"]
    assert {d.channel for d in pieces.deltas if "#" in d.channel} <= set(pieces.closes)


def test_a_text_anywhere_in_a_chunk_is_read_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, chunk in spoilt(load("openai_chunk")):
        if not isinstance(chunk, dict):
            continue
        try:
            pieces, _ = ChunkReader().read(chunk)
        except UpstreamError:
            continue
        assert sum(delta.text.count(mark) for delta in pieces.deltas) == 1, path


def test_deltas_lead_to_their_texts(load: Callable[[str], Any]) -> None:
    chunk = load("openai_chunk")
    for delta in ChunkReader().read(chunk)[0].deltas:
        value = chunk
        for step in delta.path:
            value = value[step]
        assert value == delta.text or delta.path[-1] == delta.text


def test_names_and_keys_cannot_be_rewritten(load: Callable[[str], Any]) -> None:
    deltas = ChunkReader().read(load("openai_chunk"))[0].deltas
    fixed = {delta.text for delta in deltas if not delta.rewritable}
    assert fixed == {"old", "weather", "shell", "citations", "unheard_of", "text"}


def test_keys_of_an_unknown_place_are_read_once() -> None:
    reader = ChunkReader()
    chunk = {"choices": [{"index": 0, "delta": {"thought": "a"}}]}
    assert [d.text for d in reader.read(chunk)[0].deltas] == ["thought", "a"]
    assert [d.text for d in reader.read(chunk)[0].deltas] == ["a"]


def test_a_setting_that_was_plain_once_is_still_read_elsewhere() -> None:
    reader = ChunkReader()
    reader.read({"id": "plain", "choices": []})
    assert [d.text for d in reader.read({"other": "plain"})[0].deltas] == ["other", "plain"]
    assert [d.text for d in reader.read({"id": "two words"})[0].deltas] == ["two words"]


def test_tool_calls_close_one_after_the_other() -> None:
    reader = ChunkReader()

    def call(index: int, **function: str) -> list[str]:
        calls = [{"index": index, "function": function}]
        return reader.read({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]})[0].closes

    assert call(0, name="f", arguments="") == []
    assert call(0, arguments="{}") == ["choices/0/tool_calls/0/name"]
    assert call(1, name="g") == ["choices/0/tool_calls/0/arguments"]
    assert reader.close() == ("choices/0/tool_calls/1/name",)
    assert reader.close() == ()


def test_respellings_go_only_where_a_text_changed() -> None:
    data: dict[str, Any] = {"choices": [{"logprobs": 1}, {"logprobs": 2}]}
    without_respellings(data, [("choices", 1, "delta", "content")])
    assert data == {"choices": [{"logprobs": 1}, {"logprobs": None}]}


DELTAS = st.sampled_from(
    [{}, {"content": "so "}, {"content": ""}, {"content": None}, {"role": "assistant"},
     {"content": "a", "refusal": "b"}, {"reasoning": "hm"}, {"odd": "a b"}, {"odd": None}]
)  # fmt: skip
CHOICES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"index": st.sampled_from([0, 1])},
    optional={
        "delta": DELTAS,
        "finish_reason": st.sampled_from(["stop", None]),
        "logprobs": st.none(),
        "odd": st.sampled_from(["call me", None]),
    },
)


@given(st.lists(st.lists(CHOICES, max_size=2), max_size=5))
def test_what_says_nothing_but_its_text_is_read_as_all_else(events: list[list[Any]]) -> None:
    plain, other = ChunkReader(), ChunkReader()
    for choices in events:
        ours, finish = plain.read({"choices": choices})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gateway.wire.openai_chunk._is_said", lambda _: False)
            theirs, ending = other.read({"choices": choices})
        assert (ours.deltas, ours.closes, finish) == (theirs.deltas, theirs.closes, ending)
