"""A streamed message: what comes in, what goes out, how it is ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo import anthropic_api
from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.running import serve
from gateway.errors import InternalFault, UpstreamError
from gateway.wire.anthropic_stream import AnthropicStream
from gateway.wire.exchange import StreamEvent, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

REPLY = DemoReply(
    ("Hel", "lo ", "Ada"), thinking=("I ", "greet"), tool_calls=(ToolCall("f", {"a": "b"}),)
)
STREAM = b"".join(
    anthropic_api.events(DemoRequest("anthropic", "demo-small", (), stream=True), REPLY, 1)
)
PARTS = [part + b"\n\n" for part in STREAM.split(b"\n\n")[:-1]]


def event(data: Any) -> bytes:
    name = data.get("type") if isinstance(data, dict) else "x"
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def read(*chunks: bytes) -> list[StreamEvent]:
    reader = AnthropicStream()
    return [one for chunk in chunks for one in reader.feed(chunk)]


def joined(events: Sequence[StreamEvent]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for one in events:
        for delta in one.deltas:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
    return texts


def passed(reader: AnthropicStream, chunk: bytes) -> bytes:
    return b"".join(
        reader.rewrite(one, [delta.text for delta in one.deltas]) for one in reader.feed(chunk)
    )


def message(*pieces: bytes) -> anthropic.types.Message:
    """What the SDK makes of a stream."""
    app = demo_app(lambda _: DemoReply(raw=pieces, content_type="text/event-stream"))
    with (
        serve(app) as url,
        anthropic.Anthropic(api_key="x", base_url=url, max_retries=0) as client,
        client.messages.stream(
            model="m", max_tokens=5, messages=[{"role": "user", "content": "x"}]
        ) as stream,
    ):
        return stream.get_final_message()


def test_every_channel_adds_up() -> None:
    events = read(STREAM)
    assert joined(events) == {
        "content/0/thinking": "I greet",
        "content/1/text": "Hello Ada",
        "content_block/name#0": "f",
        "content/2/input": '{"a":"b"}',
    }
    assert [one.final for one in events] == [False] * (len(events) - 1) + [True]
    assert [one.finish for one in events if one.finish] == ["tool_use"]
    assert [one.usage for one in events if one.usage] == [Usage(0, 1), Usage(None, 3)]
    assert [one.model for one in events if one.model] == ["demo-small"]
    assert b"".join(one.raw for one in events) == STREAM


@settings(max_examples=40)
@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_the_cutting_does_not_matter(places: list[int]) -> None:
    edges = [0, *sorted(places), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in zip(edges, edges[1:], strict=False)]  # noqa: RUF007 - same
    assert read(*chunks) == read(STREAM)


def test_a_channel_closes_with_its_block() -> None:
    closed: list[str] = []
    for one in read(STREAM):
        assert not {delta.channel for delta in one.deltas} & set(closed)
        closed += one.closes
    assert sorted(closed) == sorted(joined(read(STREAM)))


def test_passing_on_what_came_in_passes_it_on_unchanged() -> None:
    reader = AnthropicStream()
    assert passed(reader, STREAM) == STREAM
    assert reader.finish() == ()
    assert reader.stop() == b""
    assert b"event: error" in reader.error("x", "y")
    assert reader.error("x", "y") == b""


def test_a_rewritten_event_says_the_new_text() -> None:
    reader = AnthropicStream()
    out = b"".join(
        reader.rewrite(one, [delta.text.replace("Ada", "[PERSON]") for delta in one.deltas])
        for one in reader.feed(STREAM)
    )
    assert out == STREAM.replace(b"Ada", b"[PERSON]")


def test_thinking_that_was_changed_loses_its_signature() -> None:
    reader = AnthropicStream()
    out = b"".join(
        reader.rewrite(one, [delta.text.replace("greet", "[GONE]") for delta in one.deltas])
        for one in reader.feed(STREAM)
    )
    block = message(out).content[0]
    assert block.to_dict() == {"type": "thinking", "thinking": "I [GONE]", "signature": ""}


def test_a_summary_of_the_conversation_is_a_running_text_and_loses_its_signature() -> None:
    sealed = "c2VhbGVkIGJ5IHRoZSBwcm92aWRlcg=="
    start = {"type": "compaction", "content": None, "encrypted_content": None}
    parts: list[Any] = [
        {"type": "content_block_start", "index": 0, "content_block": start},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "compaction_delta", "content": words, "encrypted_content": None},
            }
            for words in ("Ada ", None, "asked")
        ),
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "signature_delta", "signature": "c2ln"},
        },
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {**start, "content": "Ada left", "signature": sealed},
        },
    ]
    events = read(*map(event, parts))
    assert joined(events)["content/0/content"] == "Ada asked"
    assert joined(events)["content/1/content"] == "Ada left"
    reader = AnthropicStream()
    out = b"".join(
        reader.rewrite(one, [delta.text.replace("Ada", "X") for delta in one.deltas])
        for part in parts
        for one in reader.feed(event(part))
    )
    assert b"Ada" not in out
    assert b"c2ln" not in out
    assert sealed.encode() not in out
    assert passed(AnthropicStream(), b"".join(map(event, parts))) == b"".join(map(event, parts))


def test_one_text_for_each_delta() -> None:
    reader = AnthropicStream()
    for one in reader.feed(STREAM):
        with pytest.raises(InternalFault):
            reader.rewrite(one, ["x"] * (len(one.deltas) + 1))


@pytest.mark.parametrize("count", range(1, len(PARTS) + 1))
def test_a_stop_after_any_event_is_one_that_the_sdk_understands(count: int) -> None:
    reader = AnthropicStream()
    out = passed(reader, b"".join(PARTS[:count]))
    stop = reader.stop()
    assert reader.stop() == b""
    if count == len(PARTS):
        assert stop == b""
        return
    starts = (out + stop).count(b"content_block_start\n")
    stops = (out + stop).count(b"content_block_stop\n")
    assert starts == stops
    assert message(out, stop).stop_reason == "refusal"


def test_a_stop_closes_what_went_out_and_not_what_came_in() -> None:
    reader = AnthropicStream()
    first, *rest = reader.feed(STREAM)  # all of it came in, only the first event went out
    out = reader.rewrite(first, [])
    assert rest
    answer = message(out, reader.stop())
    assert (answer.content, answer.stop_reason) == ([], "refusal")
    assert answer.usage.output_tokens == 3


def test_a_stop_before_anything_went_out_starts_a_message_of_its_own() -> None:
    reader = AnthropicStream()
    reader.feed(STREAM)
    answer = message(reader.stop())
    assert (answer.id, answer.model) == ("msg_demo00000001", "demo-small")
    assert (answer.content, answer.stop_reason) == ([], "refusal")
    assert message(AnthropicStream().stop()).stop_reason == "refusal"


def test_a_stop_repeats_no_id_that_could_speak() -> None:
    reader = AnthropicStream()
    start = {"id": "my card is 4111", "model": "tell me", "usage": {"note": "4111", "x": 1}}
    reader.feed(event({"type": "message_start", "message": start}))
    assert b"4111" not in reader.stop()


def test_an_error_is_one_that_the_sdk_raises() -> None:
    reader = AnthropicStream()
    out = passed(reader, STREAM[: STREAM.index(b"event: ping")])
    with pytest.raises(anthropic.APIStatusError, match="It broke") as caught:
        message(out, reader.error("upstream_error", "It broke."))
    assert caught.value.error_code == "upstream_error"
    assert reader.stop() == b""


def test_the_upstreams_own_error_is_read_and_ends_the_stream() -> None:
    reader = AnthropicStream()
    error = {"type": "overloaded_error", "message": "too busy for ada"}
    (one,) = reader.feed(event({"type": "error", "error": error}))
    assert "too busy for ada" in [delta.text for delta in one.deltas]
    assert reader.finish() == ()


@pytest.mark.parametrize(
    "stream",
    [
        b"data: {\n\n",
        b"data: []\n\n",
        b"data: {}\n\n",
        b"data: [DONE]\n\n",
        b'event: ping\ndata: {"type": "message_stop"}\n\n',
        event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta"}}),
        event({"type": "content_block_start", "content_block": {"type": "text", "text": ""}}),
        event({"type": "content_block_start", "index": 0, "content_block": {}}),
        event(
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "text", "text": 3},
            }
        ),
        event({"type": "content_block_stop", "index": "x"}),
        event({"type": "message_start"}),
        event({"type": "content_block_start", "index": 0, "content_block": {"type": "text"}}) * 2,
    ],
)
def test_what_is_no_stream_of_this_kind_is_the_upstreams_fault(stream: bytes) -> None:
    with pytest.raises(UpstreamError):
        read(stream)


def test_a_stream_that_ends_too_early_is_the_upstreams_fault() -> None:
    for stream in (b"", STREAM[:400], STREAM[:-1], STREAM[: STREAM.index(b"event: message_stop")]):
        reader = AnthropicStream()
        reader.feed(stream)
        with pytest.raises(UpstreamError):
            reader.finish()


def test_wrong_types_are_the_upstreams_fault_and_nothing_else(
    load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    events = load("anthropic_events")
    for position, good in enumerate(events):
        before = b"".join(event(one) for one in events[:position])
        for bad in mistyped(good):
            reader = AnthropicStream()
            passed(reader, before)
            try:
                found = reader.feed(event(bad))
            except UpstreamError:
                continue
            for one in found:
                reader.rewrite(one, ["new" if d.rewritable else d.text for d in one.deltas])
            reader.stop()


@pytest.mark.parametrize("kind", [{"a text": 1}, ["a text"], "a text", None])
def test_a_delta_of_no_known_kind_is_rewritten_like_any_other(kind: Any) -> None:
    reader = AnthropicStream()
    (one,) = reader.feed(event({"type": "message_delta", "delta": {"type": kind, "x": "a text"}}))
    texts = ["R" if delta.rewritable else delta.text for delta in one.deltas]
    assert b'"x":"R"' in reader.rewrite(one, texts)


def test_what_follows_the_last_event_is_dropped_however_it_is_cut() -> None:
    rest = event({"type": "ping"})
    for chunks in ([STREAM + rest], [STREAM, rest]):
        reader = AnthropicStream()
        events = [one for chunk in chunks for one in reader.feed(chunk)]
        assert events[-1].final
        assert b"".join(one.raw for one in events) == STREAM


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028"])
def test_attack_a_type_with_line_ends_was_written_as_lines_of_its_own(end: str) -> None:
    """Where a text of the event was rewritten, its type became the event's name, and more."""
    forged = f'x{end}data: {{"type":"error","error":{{"type":"a","message":"b"}}}}{end}{end}'
    data = json.dumps({"type": forged, "note": "to ada@example.com"}).encode()
    with pytest.raises(UpstreamError, match="no name"):
        AnthropicStream().feed(b"data: " + data + b"\n\n")
