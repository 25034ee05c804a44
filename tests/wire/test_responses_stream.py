"""The stream of responses: read, cut anywhere, rewritten, stopped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.responses_api import events
from gateway.demo.running import serve
from gateway.errors import UpstreamError
from gateway.wire.exchange import Usage
from gateway.wire.responses_stream import ResponsesStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gateway.wire.exchange import StreamEvent

REPLY = DemoReply(
    ("Hello ", "Ada ", "Byron"),
    thinking=("I greet ", "Ada"),
    tool_calls=(ToolCall("f", {"a": "Ada"}),),
)
STREAM = b"".join(events(DemoRequest("openai", "demo-small", (), stream=True), REPLY, 1))
CUT = STREAM.index(b"event: response.output_text.done")


def read(*chunks: bytes) -> list[StreamEvent]:
    reader = ResponsesStream()
    found = [event for chunk in chunks for event in reader.feed(chunk)]
    reader.finish()
    return found


def named(kind: str, **members: Any) -> bytes:
    data = json.dumps({"type": kind, **members}).encode()
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


def rewritten(reader: ResponsesStream, stream: bytes, old: str, new: str) -> bytes:
    """The stream with one word in place of another, wherever no piece cuts it."""
    return b"".join(
        reader.rewrite(event, [delta.text.replace(old, new) for delta in event.deltas])
        for event in reader.feed(stream)
    )


def told(stream: bytes) -> list[dict[str, Any]]:
    return [
        json.loads(line.removeprefix(b"data: "))
        for line in stream.splitlines()
        if line.startswith(b"data: ")
    ]


def by_sdk(raw: Sequence[bytes]) -> Iterator[Any]:
    app = demo_app(lambda _: DemoReply(raw=tuple(raw), content_type="text/event-stream"))
    with (
        serve(app) as url,
        openai.OpenAI(api_key="x", base_url=url + "/v1") as client,
        client.responses.stream(model="m", input="x") as stream,
    ):
        yield from stream


def test_every_channel_adds_up_and_every_repetition_is_known_as_one() -> None:
    found = read(STREAM)
    texts: dict[str, str] = {}
    for event in found:
        for delta in event.deltas:
            if "#" not in delta.channel:
                texts[delta.channel] = texts.get(delta.channel, "") + delta.text
    assert texts == {
        "output/0/summary/0/text": "I greet Ada",
        "output/1/content/0/text": "Hello Ada Byron",
        "output/2/arguments": '{"a": "Ada"}',
    }
    whole = [delta for event in found for delta in event.deltas if "#" in delta.channel]
    assert {delta.text for delta in whole if not delta.again} == {"f"}
    assert sum(delta.again for delta in whole) == 4 + 4 + 3 + 3
    assert b"".join(event.raw for event in found) == STREAM


def test_the_end_says_what_it_cost_how_it_ended_and_where_it_is_held() -> None:
    *others, last = read(STREAM)
    assert (last.final, last.finish, last.usage) == (True, "completed", Usage(0, 4))
    assert (last.model, last.held_as) == ("demo-small", "resp_demo00000001")
    assert not any(event.final or event.finish for event in others)
    assert [event.held_as for event in others[:2]] == ["resp_demo00000001"] * 2
    unheld = STREAM.replace(b'"store":true', b'"store":false')
    assert {event.held_as for event in read(unheld)} == {None}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_the_cutting_does_not_matter(places: list[int]) -> None:
    edges = [0, *sorted(places), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in zip(edges, edges[1:], strict=False)]  # noqa: RUF007 - same
    assert read(*chunks) == read(STREAM)


def test_a_channel_closes_once_and_nothing_follows_it() -> None:
    closed: set[str] = set()
    for event in read(STREAM):
        assert not closed & {d.channel for d in event.deltas if "#" not in d.channel}
        assert not {name for name in closed & set(event.closes) if "#" not in name}
        closed |= set(event.closes)


def test_passing_on_what_came_in_passes_it_on_unchanged() -> None:
    assert rewritten(ResponsesStream(), STREAM, "\0", "") == STREAM


def test_a_word_that_is_replaced_is_nowhere_in_what_goes_out() -> None:
    out = rewritten(ResponsesStream(), STREAM, "Ada", "[PERSON]")
    assert b"Ada" not in out
    assert out.count(b"[PERSON]") == STREAM.count(b"Ada")
    numbers = [event["sequence_number"] for event in told(out)]
    assert numbers == list(range(len(numbers)))
    final = list(by_sdk([out]))[-1].response
    assert final.output_text == "Hello [PERSON] Byron"
    assert json.loads(final.output[2].arguments) == {"a": "[PERSON]"}


def test_log_probabilities_of_a_replaced_text_go_with_it() -> None:
    at = {"item_id": "m", "output_index": 0, "content_index": 0}
    logprobs = [{"token": "Ada", "logprob": -1, "top_logprobs": []}]
    stream = named("response.output_text.delta", **at, delta="Ada", logprobs=logprobs)
    stream += named("response.output_text.done", **at, text="Ada", logprobs=logprobs)
    stream += named("response.output_text.delta", **at, delta="Bob", logprobs=[])
    out = rewritten(ResponsesStream(), stream, "Ada", "[PERSON]")
    assert b"Ada" not in out
    assert [event["logprobs"] for event in told(out)] == [[], [], []]


def test_sound_goes_no_further_once_what_it_says_was_replaced() -> None:
    sound = named("response.audio.delta", delta="UklGRgAA")
    stream = sound + named("response.audio.transcript.delta", delta="Ada") + sound
    out = told(rewritten(ResponsesStream(), stream, "Ada", "[PERSON]"))
    assert [event["delta"] for event in out] == ["UklGRgAA", "[PERSON]", ""]


def test_a_stop_mid_stream_is_one_that_the_sdk_understands() -> None:
    reader = ResponsesStream()
    out = rewritten(reader, STREAM[:CUT], "Ada", "[PERSON]") + reader.stop()
    assert b"Ada" not in out
    numbers = [event["sequence_number"] for event in told(out)]
    assert numbers == list(range(len(numbers)))
    *_, last = by_sdk([out])
    assert (last.type, last.response.status) == ("response.incomplete", "incomplete")
    assert last.response.incomplete_details.reason == "content_filter"
    assert last.response.output_text == "Hello [PERSON] Byron"
    assert last.response.output[1].status == "incomplete"
    assert (reader.stop(), reader.error("x", "y")) == (b"", b"")


def test_a_stop_before_anything_went_out_is_one_that_the_sdk_understands() -> None:
    reader = ResponsesStream()
    reader.feed(STREAM)
    kinds = [event.type for event in by_sdk([reader.stop()])]
    assert kinds == ["response.created", "response.incomplete"]


def test_a_stop_after_the_end_says_nothing() -> None:
    reader = ResponsesStream()
    rewritten(reader, STREAM, "\0", "")
    assert reader.stop() == b""


def test_an_error_is_one_that_the_sdk_raises() -> None:
    reader = ResponsesStream()
    out = rewritten(reader, STREAM[:CUT], "\0", "") + reader.error("upstream_error", "It broke.")
    with pytest.raises(openai.APIError, match="It broke") as caught:
        list(by_sdk([out]))
    assert caught.value.code == "upstream_error"
    assert told(out)[-1]["sequence_number"] == len(told(out)) - 1
    assert (told(out)[-1]["code"], told(out)[-1]["message"]) == ("upstream_error", "It broke.")


@pytest.mark.parametrize(
    "event",
    [
        named("error", code="x", message="no user ada", param=None, sequence_number=3),
        named("error", error={"type": "x", "code": "x", "message": "no user ada", "param": None}),
        b'data: {"error":{"message":"no user ada"}}\n\n',
    ],
)
def test_the_upstreams_own_error_is_read_and_may_end_the_stream(event: bytes) -> None:
    reader = ResponsesStream()
    (one,) = reader.feed(event)
    assert "no user ada" in [delta.text for delta in one.deltas]
    assert set(one.closes) == {delta.channel for delta in one.deltas}
    assert b"ada" not in reader.rewrite(one, [d.text.replace("ada", "") for d in one.deltas])
    assert reader.finish() == ()


@pytest.mark.parametrize(
    "stream",
    [
        b"data: {\n\n",
        b"data: []\n\n",
        b"data: {}\n\n",
        b"data: [DONE]\n\n",
        b'data: {"type": 3}\n\n',
        b'data: {"type": "two words"}\n\n',
        b'data: {"type": "a\\n\\ndata: x"}\n\n',
        b'event: response.created\ndata: {"type": "response.completed"}\n\n',
        b'data: {"type": "response.output_text.delta", "output_index": 0}\n\n',
    ],
)
def test_what_is_no_stream_of_this_kind_is_the_upstreams_fault(stream: bytes) -> None:
    with pytest.raises(UpstreamError):
        read(stream)


def test_a_stream_that_ends_too_early_is_the_upstreams_fault() -> None:
    for stream in (b"", STREAM[:CUT], STREAM[:-1]):
        reader = ResponsesStream()
        reader.feed(stream)
        with pytest.raises(UpstreamError):
            reader.finish()


def test_what_follows_the_last_event_is_dropped_however_it_is_cut() -> None:
    for chunks in ([STREAM + b"data: [DONE]\n\n"], [STREAM, b"data: [DONE]\n\n"]):
        found = read(*chunks)
        assert found[-1].final
        assert b"".join(event.raw for event in found) == STREAM


def test_keep_alives_pass_without_their_words() -> None:
    reader = ResponsesStream()
    comment, alive = reader.feed(b": a note\n\n" + named("keepalive", sequence_number=3))
    assert (comment.raw, comment.data) == (b":\n\n", None)
    assert (reader.rewrite(comment, []), alive.deltas) == (b":\n\n", ())
    assert reader.rewrite(alive, []) == named("keepalive", sequence_number=3)


def test_an_event_may_be_as_large_as_a_whole_answer() -> None:
    item = {"type": "image_generation_call", "result": "iVBO" * 2**20}
    (event,) = read(named("response.completed", response={"output": [item]}))
    assert [delta.text for delta in event.deltas] == ["image_generation"]
    assert event.final
    with pytest.raises(UpstreamError, match="larger than 64 MiB"):
        ResponsesStream().feed(b"data: " + b"x" * 2**26)


def test_wrong_types_are_the_upstreams_fault_and_nothing_else(
    mistyped: Callable[[Any], Iterator[Any]],
) -> None:
    for position, good in enumerate(told(STREAM)):
        for bad in mistyped(good):
            reader = ResponsesStream()
            before = b"".join(event.raw for event in read(STREAM)[:position])
            rewritten(reader, before, "Ada", "[PERSON]")
            try:
                found = reader.feed(b"data: %b\n\n" % json.dumps(bad).encode())
            except UpstreamError:
                continue
            for event in found:
                texts = ["new" if d.rewritable else d.text for d in event.deltas]
                reader.rewrite(event, texts)
            reader.stop()


def test_a_text_anywhere_in_an_event_is_read(
    spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for good in told(STREAM):
        for path, bad in spoilt(good):
            reader = ResponsesStream()
            try:
                found = reader.feed(b"data: %b\n\n" % json.dumps(bad).encode())
            except UpstreamError:
                continue
            (event,) = found
            assert any(mark in delta.text for delta in event.deltas), path
