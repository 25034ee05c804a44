"""Events of a message: no text in them goes unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import UpstreamError
from gateway.wire.anthropic_event import EventReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_every_text_of_a_stream_is_on_its_channel(load: Callable[[str], Any]) -> None:
    reader = EventReader()
    running: dict[str, str] = {}
    whole: list[str] = []
    for data in load("anthropic_events"):
        pieces = reader.read(data)
        for delta in pieces.deltas:
            if "#" in delta.channel:
                whole.append(delta.text)
                assert delta.channel in pieces.closes
            else:
                running[delta.channel] = running.get(delta.channel, "") + delta.text
    assert running == {
        "content/0/thinking": "I greet",
        "content/1/text": "Oh Hi Ada",
        "content/1/words": "a hidden text",
        "content/2/input": '{"city":"Rome"}',
    }
    assert whole == [
        "cited words",
        "a title",
        "words",
        "weather",
        "Sun over Rome",
        "https://example.com/sun",
        "deep",
        "another hidden text",
        "STOP HERE",
        "a reason why",
    ]
    assert reader.output_tokens == 7


def test_a_text_anywhere_in_an_event_is_read_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    events = load("anthropic_events")
    for position, good in enumerate(events):
        for path, bad in spoilt(good):
            if not isinstance(bad, dict) or not isinstance(bad.get("type"), str):
                continue
            reader = EventReader()
            for one in events[:position]:
                reader.read(one)
            try:
                pieces = reader.read(bad)
            except UpstreamError:
                continue
            found = sum(delta.text.count(mark) for delta in pieces.deltas)
            assert found == 1, (position, path)


def test_deltas_lead_to_their_texts(load: Callable[[str], Any]) -> None:
    reader = EventReader()
    for data in load("anthropic_events"):
        for delta in reader.read(data).deltas:
            value = data
            for step in delta.path:
                value = value[step]
            assert delta.text in [value, delta.path[-1]]


def test_a_start_of_our_own_has_the_ids_and_counts_and_no_text(load: Callable[[str], Any]) -> None:
    reader = EventReader()
    reader.read(load("anthropic_events")[0])
    message = reader.start()["message"]
    assert (message["id"], message["model"]) == ("msg_1", "claude-sonnet-5")
    assert message["usage"]["input_tokens"] == 11
    assert message["content"] == []


def test_a_block_that_ended_does_not_begin_again() -> None:
    reader = EventReader()
    start = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    reader.read(start)
    reader.read({"type": "content_block_stop", "index": 0})
    with pytest.raises(UpstreamError):
        reader.read(start)
