"""A stream of lines: what comes in, what goes out, how it is ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ollama
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo import ollama_api
from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.running import serve
from gateway.errors import InternalFault, UpstreamError
from gateway.wire.exchange import StreamEvent, Usage
from gateway.wire.ollama_chat import OllamaChat
from gateway.wire.ollama_generate import OllamaGenerate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gateway.wire.exchange import StreamReader

REPLY = DemoReply(
    ("Hel", "lo ", "Ada"), thinking=("I ", "greet"), tool_calls=(ToolCall("f", {"a": "b"}),)
)
KINDS: dict[str, dict[str, Any]] = {"chat": {"messages": []}, "generate": {"prompt": "x"}}
FORMATS = {"chat": OllamaChat(), "generate": OllamaGenerate()}
LINES = {
    kind: [
        *ollama_api.events(
            DemoRequest("ollama", "demo-small", (), stream=True, body=body), REPLY, 1
        )
    ]
    for kind, body in KINDS.items()
}
STREAM = {kind: b"".join(lines) for kind, lines in LINES.items()}
TEXT = {"chat": "message/content", "generate": "response"}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def reader_of(kind: str) -> StreamReader:
    return FORMATS[kind].stream_reader()


def read(kind: str, *chunks: bytes) -> list[StreamEvent]:
    reader = reader_of(kind)
    return [*(one for chunk in chunks for one in reader.feed(chunk)), *reader.finish()]


def joined(events: Sequence[StreamEvent]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for one in events:
        for delta in one.deltas:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
    return texts


def passed(reader: StreamReader, chunk: bytes, old: str = "", new: str = "") -> bytes:
    return b"".join(
        reader.rewrite(one, [delta.text.replace(old, new) for delta in one.deltas])
        for one in reader.feed(chunk)
    )


def heard(kind: str, *pieces: bytes) -> list[Any]:
    """What the SDK makes of a stream."""
    app = demo_app(lambda _: DemoReply(raw=pieces, content_type="application/x-ndjson"))
    with serve(app) as url, ollama.Client(host=url) as client:
        if kind == "chat":
            return list(client.chat(model="m", messages=[], stream=True))
        return list(client.generate(model="m", prompt="x", stream=True))


def said(kind: str, parts: list[Any]) -> str:
    return "".join(part.message.content if kind == "chat" else part.response for part in parts)


def line(**members: Any) -> bytes:
    return json.dumps({"model": "m", **members}).encode() + b"\n"


def test_every_channel_adds_up(kind: str) -> None:
    events = read(kind, STREAM[kind])
    texts = joined(events)
    assert texts[TEXT[kind]] == "Hello Ada"
    assert texts[TEXT[kind].replace("content", "thinking").replace("response", "thinking")] == (
        "I greet"
    )
    assert sorted(texts.values()) == sorted(["Hello Ada", "I greet", "f", "a", "b"])
    assert [one.final for one in events] == [False] * (len(events) - 1) + [True]
    assert [one.finish for one in events if one.finish] == ["stop"]
    assert [one.usage for one in events if one.usage] == [Usage(0, 3)]
    assert {one.model for one in events} == {"demo-small"}
    assert b"".join(one.raw for one in events) == STREAM[kind]


@settings(max_examples=40)
@given(st.sampled_from([*KINDS]), st.lists(st.integers(0, 2000), max_size=30))
def test_the_cutting_does_not_matter(kind: str, places: list[int]) -> None:
    stream = STREAM[kind]
    edges = [0, *sorted(place % len(stream) for place in places), len(stream)]
    chunks = [stream[a:b] for a, b in zip(edges, edges[1:], strict=False)]  # noqa: RUF007 - same
    assert read(kind, *chunks) == read(kind, stream)


def test_every_channel_closes_and_speaks_no_more(kind: str) -> None:
    closed: list[str] = []
    for one in read(kind, STREAM[kind]):
        assert not {delta.channel for delta in one.deltas} & set(closed)
        closed += one.closes
    assert sorted(closed) == sorted(joined(read(kind, STREAM[kind])))


def test_passing_on_what_came_in_passes_it_on_unchanged(kind: str) -> None:
    reader = reader_of(kind)
    assert passed(reader, STREAM[kind]) == STREAM[kind]
    assert reader.finish() == ()
    assert reader.stop() == b""
    assert json.loads(reader.error("x", "y")) == {"error": "y", "code": "x"}
    assert reader.error("x", "y") == b""


def test_a_rewritten_line_says_the_new_text_and_the_sdk_hears_one_line(kind: str) -> None:
    out = passed(reader_of(kind), STREAM[kind], "Ada", "[PERSON\u2028ONE]")
    assert said(kind, heard(kind, out)) == "Hello [PERSON\u2028ONE]"
    assert out.count(b"\n") == STREAM[kind].count(b"\n")


def test_one_text_for_each_delta(kind: str) -> None:
    reader = reader_of(kind)
    for one in reader.feed(STREAM[kind]):
        with pytest.raises(InternalFault):
            reader.rewrite(one, ["x"] * (len(one.deltas) + 1))


def test_tokens_of_the_conversation_leave_only_where_no_text_was_changed() -> None:
    stream = STREAM["generate"]
    assert b'"context":[1,2,3]' in passed(reader_of("generate"), stream)
    assert b"context" not in passed(reader_of("generate"), stream, "greet", "[GONE]")
    early = line(response="Hi", done=False, context=[1, 2])
    assert b"context" not in passed(reader_of("generate"), early)


def test_log_probabilities_leave_with_their_own_text_unchanged_or_not_at_all() -> None:
    fitting = line(message={"content": "Hi"}, logprobs=[{"token": "Hi", "logprob": -1}])
    assert passed(reader_of("chat"), fitting) == fitting
    assert b"logprobs" not in passed(reader_of("chat"), fitting, "Hi", "[GONE]")
    ahead = line(message={"content": ""}, logprobs=[{"token": "4111", "logprob": -1}])
    assert passed(reader_of("chat"), ahead) == ahead
    assert b"4111" not in passed(reader_of("chat"), ahead, "4111", "[GONE]")


@pytest.mark.parametrize("count", range(len(LINES["chat"]) + 1))
def test_a_stop_after_any_line_is_one_that_the_sdk_understands(kind: str, count: int) -> None:
    reader = reader_of(kind)
    out = passed(reader, b"".join(LINES[kind][:count]))
    stop = reader.stop()
    assert reader.stop() == b""
    if count == len(LINES[kind]):
        assert stop == b""
        return
    parts = heard(kind, out, stop)
    assert (parts[-1].done, parts[-1].done_reason) == (True, "content_filter")
    assert [part.done for part in parts[:-1]] == [False] * count
    assert (parts[-1].model, parts[-1].created_at) == (
        ("demo-small", "2026-01-01T00:00:00.000000Z") if count else (None, None)
    )
    assert said(kind, parts[-1:]) == ""


def test_a_stop_in_place_of_the_last_line_counts_as_that_did(kind: str) -> None:
    reader = reader_of(kind)
    reader.feed(STREAM[kind])  # all of it came in, nothing went out
    (last,) = heard(kind, reader.stop())
    assert (last.done_reason, last.eval_count, last.prompt_eval_count) == ("content_filter", 3, 0)
    assert "context" not in last or last.context is None


def test_a_stop_repeats_no_word_that_could_speak() -> None:
    reader = reader_of("chat")
    reader.feed(line(model="my card is 4111", created_at="4111 1111", eval_count="4111"))
    assert b"4111" not in reader.stop()


def test_an_error_is_one_that_the_sdk_raises(kind: str) -> None:
    reader = reader_of(kind)
    out = passed(reader, LINES[kind][0])
    with pytest.raises(ollama.ResponseError, match="It broke"):
        heard(kind, out, reader.error("upstream_error", "It broke."))
    assert reader.stop() == b""


def test_the_upstreams_own_error_is_read_and_ends_the_stream(kind: str) -> None:
    reader = reader_of(kind)
    (one,) = reader.feed(b'{"error":"too busy for ada"}\n')
    assert "too busy for ada" in [delta.text for delta in one.deltas]
    assert (one.final, one.failed) == (True, True)
    assert reader.finish() == ()


@pytest.mark.parametrize(
    "stream",
    [
        b"{\n",
        b"[]\n",
        b'"x"\n',
        b"data: {}\n\n",
        b"NaN\n",
        b'{"message":"x"}\n',
        b'{"response":3}\n',
        b'{"response":"\xff"}\n',
        b"{}{}\n",
    ],
)
def test_what_is_no_stream_of_this_kind_is_the_upstreams_fault(kind: str, stream: bytes) -> None:
    with pytest.raises(UpstreamError):
        reader_of(kind).feed(stream)


def test_a_stream_that_ends_too_early_is_the_upstreams_fault(kind: str) -> None:
    *rest, last = LINES[kind]
    before = b"".join(rest)
    for stream in (b"", before, before + last[:40], before + last[:-2]):
        with pytest.raises(UpstreamError):
            read(kind, stream)


def test_a_last_line_without_its_end_is_the_last_if_it_is_whole(kind: str) -> None:
    events = read(kind, STREAM[kind][:-1])
    assert events == read(kind, STREAM[kind])
    assert events[-1].final


def test_what_follows_the_last_line_is_dropped_however_it_is_cut(kind: str) -> None:
    rest = line(message={"content": "more"}, done=False)
    for chunks in ([STREAM[kind] + rest], [STREAM[kind], rest], [STREAM[kind], rest[:-1]]):
        assert b"".join(one.raw for one in read(kind, *chunks)) == STREAM[kind]


def test_blank_lines_between_are_dropped_for_the_sdk_would_stumble(kind: str) -> None:
    out = passed(reader_of(kind), b"\n\r\n".join(LINES[kind]))
    assert out == STREAM[kind]


def test_wrong_types_are_the_upstreams_fault_and_nothing_else(
    kind: str, load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    for bad in mistyped(load("ollama_line")):
        reader = reader_of(kind)
        try:
            found = reader.feed(json.dumps(bad).encode() + b"\n")
        except UpstreamError:
            continue
        for one in found:
            reader.rewrite(one, ["new" if d.rewritable else d.text for d in one.deltas])
        reader.stop()


def test_a_text_anywhere_in_a_line_is_found_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, bad in spoilt(load("ollama_line")):
        reader = reader_of("chat")
        try:
            (one,) = reader.feed(json.dumps(bad).encode() + b"\n")
        except UpstreamError as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(delta.text.count(mark) for delta in one.deltas) == 1, path
