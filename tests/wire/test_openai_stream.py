"""A streamed chat completion: what comes in, what goes out, how it is ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk

from gateway.demo import openai_api
from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.running import serve
from gateway.errors import InternalFault, UpstreamError
from gateway.wire.exchange import StreamEvent, Usage
from gateway.wire.openai_stream import OpenAIStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

REPLY = DemoReply(
    ("Hel", "lo ", "Ada"), thinking=("I ", "greet"), tool_calls=(ToolCall("f", {"a": "b"}),)
)
STREAM = b"".join(
    openai_api.events(
        DemoRequest("openai", "demo-small", (), stream=True, choices=2, stream_usage=True), REPLY, 1
    )
)


def event(*choices: dict[str, Any], **members: Any) -> bytes:
    head = {"id": "chatcmpl-1", "created": 5, "model": "m", "object": "chat.completion.chunk"}
    return b"data: %b\n\n" % json.dumps({**head, "choices": choices, **members}).encode()


def say(text: str, index: int = 0, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": {"content": text, **delta}, "finish_reason": finish}


def read(*chunks: bytes) -> list[StreamEvent]:
    reader = OpenAIStream()
    return [event for chunk in chunks for event in reader.feed(chunk)]


def joined(events: Sequence[StreamEvent]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for one in events:
        for delta in one.deltas:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
    return texts


def test_every_channel_of_every_choice_adds_up() -> None:
    events = read(STREAM)
    assert joined(events) == {
        f"choices/{index}/{channel}": text
        for index in range(2)
        for channel, text in {
            "reasoning_content": "I greet",
            "content": "Hello Ada",
            "tool_calls/0/name": "f",
            "tool_calls/0/arguments": '{"a": "b"}',
        }.items()
    }
    assert [one.final for one in events] == [False] * (len(events) - 1) + [True]
    assert [one.finish for one in events if one.finish] == ["tool_calls"] * 2
    assert [one.usage for one in events if one.usage] == [Usage(0, 6)]
    assert [one.counts_only for one in events if one.usage] == [True]
    assert not any(one.counts_only for one in events if not one.usage)
    assert b"".join(one.raw for one in events) == STREAM


@settings(max_examples=40)
@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_the_cutting_does_not_matter(places: list[int]) -> None:
    edges = [0, *sorted(places), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in zip(edges, edges[1:], strict=False)]  # noqa: RUF007 - same
    assert read(*chunks) == read(STREAM)


def test_a_channel_closes_once_and_nothing_follows_it() -> None:
    closed: set[str] = set()
    for one in read(STREAM):
        assert not closed & {delta.channel for delta in one.deltas}
        assert not closed & set(one.closes)
        closed |= set(one.closes)
    assert closed == set(joined(read(STREAM)))


def test_an_answer_that_moves_on_closes_what_it_leaves_once() -> None:
    first = event({"index": 0, "delta": {"reasoning": "hm"}})
    events = read(first, event(say("a")), first, event(say("b")), event(say("", finish="stop")))
    assert [one.closes for one in events] == [
        (),
        ("choices/0/reasoning",),
        (),
        (),
        ("choices/0/content", "choices/0/reasoning"),
    ]


def test_texts_that_alternate_stay_whole() -> None:
    both = event({"index": 0, "delta": {"reasoning": "a", "reasoning_details": [{"text": "a"}]}})
    events = read(both, both, both)
    assert joined(events)["choices/0/reasoning_details/0/text"] == "aaa"
    assert not any(name.endswith("text") for one in events for name in one.closes)


def test_passing_on_what_came_in_passes_it_on_unchanged() -> None:
    reader = OpenAIStream()
    out = b"".join(
        reader.rewrite(one, [delta.text for delta in one.deltas]) for one in reader.feed(STREAM)
    )
    assert out == STREAM
    assert reader.finish() == ()


def spelling(token: str, *others: str) -> dict[str, Any]:
    tops = [{"token": other, "logprob": -2, "bytes": None} for other in others]
    token_itself = {"token": token, "logprob": -1, "bytes": list(token.encode())}
    return {"content": [{**token_itself, "top_logprobs": [token_itself, *tops]}]}


@pytest.mark.parametrize(
    "choice",
    [
        {"index": 0, "delta": {}, "logprobs": spelling("Ada")},
        {"index": 0, "delta": {"content": "Bob"}, "logprobs": spelling("Ada")},
        {"index": 0, "delta": {"content": "Bob"}, "logprobs": spelling("Bob", "Ada")},
        {"index": 0, "delta": {"content": "Bob"}, "logprobs": {"other": ["Ada"]}},
        {
            "index": 0,
            "delta": {"content": "Bob"},
            "logprobs": {"content": [{"token": "Bob", "logprob": 0, "bytes": list(b"Ada")}]},
        },
    ],
    ids=["alone", "beside another", "alternative", "unknown", "bytes"],
)
def test_log_probabilities_carry_out_nothing_that_was_taken_out_of_texts(
    choice: dict[str, Any],
) -> None:
    reader = OpenAIStream()
    (one,) = reader.feed(event(choice))
    assert any("Ada" in delta.text for delta in one.deltas)
    out = reader.rewrite(one, [delta.text.replace("Ada", "") for delta in one.deltas])
    assert b"Ada" not in out
    assert json.loads(out.removeprefix(b"data: "))["choices"][0]["logprobs"] is None
    assert reader.rewrite(one, [delta.text for delta in one.deltas]) == one.raw


def test_alternatives_are_running_texts_by_their_rank() -> None:
    events = OpenAIStream().feed(
        b"".join(
            event({**say(said), "logprobs": spelling(said, other)})
            for said, other in (("Bob", "Project"), ("by", " Blue"), ("es", "bird"))
        )
    )
    assert joined(events)["choices/0/logprobs/content/1"] == "Project Bluebird"


def test_a_rewritten_event_says_the_new_text_and_nothing_of_the_old() -> None:
    choice = {**say("Ada"), "logprobs": spelling("Ada")}
    other = {**say("Bob", 1), "logprobs": spelling("Bob")}
    spoken = {"index": 2, "delta": {"audio": {"id": "a", "data": "QWRh", "transcript": "Ada"}}}
    reader = OpenAIStream()
    (one,) = reader.feed(event(choice, other, spoken, citations=["see Ada"]))
    texts = [delta.text.replace("Ada", "[PERSON]") for delta in one.deltas]
    out = reader.rewrite(one, texts)
    data = json.loads(out.removeprefix(b"data: "))
    chunk = ChatCompletionChunk.model_validate(data)
    assert chunk.choices[0].delta.content == "[PERSON]"
    assert chunk.choices[0].logprobs is None
    assert data["choices"][1]["logprobs"] == spelling("Bob")
    assert data["choices"][2]["delta"]["audio"] == {
        "id": "a",
        "data": "",
        "transcript": "[PERSON]",
    }
    assert data["citations"] == ["see [PERSON]"]
    assert one.data["choices"][0]["delta"]["content"] == "Ada"


def test_one_text_for_each_delta() -> None:
    reader = OpenAIStream()
    (one,) = reader.feed(event(say("x")))
    with pytest.raises(InternalFault):
        reader.rewrite(one, [])


def sent(reader: OpenAIStream, *chunks: bytes) -> None:
    for chunk in chunks:
        for one in reader.feed(chunk):
            reader.rewrite(one, [delta.text for delta in one.deltas])


def chunks_of(stream: bytes) -> list[dict[str, Any]]:
    assert stream.endswith(b"data: [DONE]\n\n")
    return [
        json.loads(line.removeprefix("data: "))
        for line in stream.decode().split("\n\n")
        if line.startswith("data: {")
    ]


def test_a_stop_ends_every_choice_that_is_open() -> None:
    reader = OpenAIStream()
    sent(reader, event(say("a", 0)), event(say("b", 1)), event(say("", 1, "stop")))
    list(reader.feed(event(say("c", 2)) + event(say("", 0, "stop"))))  # seen, not passed on
    ends = chunks_of(reader.stop())
    assert [(c["choices"][0]["index"], c["choices"][0]["finish_reason"]) for c in ends] == [
        (0, "content_filter"),
        (2, "content_filter"),
    ]
    for end in ends:
        assert (end["id"], end["created"], end["model"]) == ("chatcmpl-1", 5, "m")
        ChatCompletionChunk.model_validate(end)
    assert reader.stop() == b""
    assert reader.error("x", "y") == b""


def test_a_stop_before_anything_came_ends_one_choice() -> None:
    (end,) = chunks_of(OpenAIStream().stop())
    assert end["choices"][0]["finish_reason"] == "content_filter"
    ChatCompletionChunk.model_validate(end)


def test_a_stop_after_the_end_says_nothing() -> None:
    reader = OpenAIStream()
    sent(reader, event(say("a", 0, "stop")), b"data: [DONE]\n\n")
    assert reader.stop() == b""


def test_a_stop_has_the_id_of_the_first_chunk_that_has_one() -> None:
    reader = OpenAIStream()
    first = event(id="", model="", created=0, object="", prompt_filter_results=[])
    sent(reader, first, event(say("a")), event(say("b"), id="chatcmpl-2"))
    (end,) = chunks_of(reader.stop())
    assert (end["id"], end["model"], end["created"]) == ("chatcmpl-1", "m", 5)


def test_a_stop_repeats_no_id_that_could_speak() -> None:
    reader = OpenAIStream()
    sent(reader, event(say("a"), id="my card is 4111", model="tell me more"))
    assert b"4111" not in reader.stop()


def test_an_error_is_one_that_the_sdk_raises() -> None:
    reader = OpenAIStream()
    sent(reader, event(say("a")))
    raw = (event(say("a")), reader.error("upstream_error", "It broke."))
    app = demo_app(lambda _: DemoReply(raw=raw, content_type="text/event-stream"))
    with serve(app) as url, openai.OpenAI(api_key="x", base_url=url + "/v1") as client:
        stream = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "x"}], stream=True
        )
        with stream, pytest.raises(openai.APIError, match="It broke") as caught:
            list(stream)
    assert caught.value.code == "upstream_error"


def test_a_stopped_stream_is_one_that_the_sdk_understands() -> None:
    reader = OpenAIStream()
    sent(reader, event(say("a", role="assistant")))
    raw = (event(say("a", role="assistant")), reader.stop())
    app = demo_app(lambda _: DemoReply(raw=raw, content_type="text/event-stream"))
    with serve(app) as url, openai.OpenAI(api_key="x", base_url=url + "/v1") as client:
        stream = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "x"}], stream=True
        )
        with stream:
            finishes = [chunk.choices[0].finish_reason for chunk in stream]
    assert finishes == [None, "content_filter"]


def test_the_upstreams_own_error_is_read_and_ends_the_stream() -> None:
    reader = OpenAIStream()
    (one,) = reader.feed(b'data: {"error": {"message": "no such user ada", "code": 5}}\n\n')
    assert "no such user ada" in [delta.text for delta in one.deltas]
    assert set(one.closes) == {delta.channel for delta in one.deltas}
    assert reader.finish() == ()


@pytest.mark.parametrize(
    "stream",
    [
        b"data: {\n\n",
        b"data: [DONE] and more\n\n",
        b"data: []\n\n",
        b"data: 3\n\n",
        b"data: \xff\n\n",
        b'data: {"choices": 3}\n\n',
        b'data: {"choices": [3]}\n\n',
        b'data: {"choices": [{"delta": {}}]}\n\n',
        b'data: {"choices": [{"index": -1}]}\n\n',
        b'data: {"choices": [{"index": 4096}]}\n\n',
        b'data: {"choices": [{"index": 0, "delta": 3}]}\n\n',
        b'data: {"choices": [{"index": 0, "delta": {"content": ["x"]}}]}\n\n',
        b'data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": "x"}]}}]}\n\n',
    ],
)
def test_what_is_no_stream_of_this_kind_is_the_upstreams_fault(stream: bytes) -> None:
    with pytest.raises(UpstreamError):
        read(stream)


def test_a_stream_that_ends_too_early_is_the_upstreams_fault() -> None:
    for stream in (b"", event(say("a")), STREAM[:-1], b"data: [DONE]"):
        reader = OpenAIStream()
        reader.feed(stream)
        with pytest.raises(UpstreamError):
            reader.finish()


def test_keep_alives_pass_without_their_words() -> None:
    (one,) = read(b": a secret note\n\n")
    assert (one.raw, one.deltas, one.data) == (b":\n\n", (), None)
    assert OpenAIStream().rewrite(one, []) == b":\n\n"


def test_the_demo_model_streams_what_is_expected_here() -> None:
    with serve(demo_app(lambda _: REPLY)) as url:
        body = {"model": "demo-small", "messages": [], "stream": True}
        raw = httpx.post(f"{url}/v1/chat/completions", json=body).content
    assert joined(read(raw))["choices/0/content"] == "Hello Ada"


def test_wrong_types_are_the_upstreams_fault_and_nothing_else(
    load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    for chunk in mistyped(load("openai_chunk")):
        reader = OpenAIStream()
        try:
            events = reader.feed(b"data: %b\n\n" % json.dumps(chunk).encode())
        except UpstreamError:
            continue
        for one in events:
            reader.rewrite(one, ["new" if d.rewritable else d.text for d in one.deltas])
        reader.stop()


def test_what_follows_the_last_event_is_dropped_however_it_is_cut() -> None:
    rest = b"data: {}\n\n"
    for chunks in ([STREAM + rest], [STREAM, rest]):
        reader = OpenAIStream()
        events = [one for chunk in chunks for one in reader.feed(chunk)]
        assert events[-1].final
        assert b"".join(one.raw for one in events) == STREAM
