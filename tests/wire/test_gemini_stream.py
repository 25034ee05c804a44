"""A streamed answer of Gemini's: what comes in, what goes out, how it is ended."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from google import genai
from google.genai import errors, types
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo import gemini_api
from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.running import serve
from gateway.errors import InternalFault, UpstreamError
from gateway.wire.exchange import StreamEvent, Usage
from gateway.wire.gemini_stream import GeminiStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

REPLY = DemoReply(
    ("Hel", "lo ", "Ada"), thinking=("I ", "greet"), tool_calls=(ToolCall("f", {"a": "b"}),)
)
REQUEST = DemoRequest("gemini", "demo-small", (), stream=True)
PARTS = list(gemini_api.events(REQUEST, REPLY, 1))
STREAM = b"".join(PARTS)


def event(data: Any) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def said(text: str, index: int = 0, **members: Any) -> bytes:
    parts = [{"text": text}]
    return event({"candidates": [{"content": {"parts": parts}, "index": index, **members}]})


def read(*chunks: bytes) -> list[StreamEvent]:
    reader = GeminiStream()
    return [*(one for chunk in chunks for one in reader.feed(chunk)), *reader.finish()]


def sent(reader: GeminiStream, events: Sequence[StreamEvent]) -> bytes:
    return b"".join(reader.rewrite(one, [delta.text for delta in one.deltas]) for one in events)


def answers(*pieces: bytes) -> list[types.GenerateContentResponse]:
    """What the SDK makes of a stream."""
    app = demo_app(lambda _: DemoReply(raw=pieces, content_type="text/event-stream"))
    got: list[types.GenerateContentResponse] = []
    with serve(app) as url:
        client = genai.Client(api_key="x", http_options={"base_url": url})
        try:
            got += client.models.generate_content_stream(model="m", contents="x")
        finally:
            client.close()
    return got


def finishes(*pieces: bytes) -> dict[int, str | None]:
    """How each candidate ended, by the last event that speaks of it."""
    return {
        candidate.index or 0: candidate.finish_reason and candidate.finish_reason.value
        for answer in answers(*pieces)
        for candidate in answer.candidates or ()
    }


def test_every_channel_adds_up() -> None:
    events = read(STREAM)
    texts: dict[str, str] = {}
    for one in events:
        for delta in one.deltas:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
    assert list(texts.values()) == ["I greet", "Hello Ada", "f", "a", "b"]
    assert [one.final for one in events] == [False] * (len(events) - 1) + [True]
    assert [one.finish for one in events if one.finish] == ["STOP"]
    assert events[-1].usage == Usage(0, 3)
    assert events[0].model == "demo-small"


@settings(max_examples=200)
@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_what_is_read_does_not_depend_on_where_bytes_are_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in pairwise(edges)]
    assert read(*chunks) == read(STREAM)


def test_an_unchanged_event_goes_out_as_the_very_bytes() -> None:
    reader = GeminiStream()
    out = sent(reader, reader.feed(STREAM))
    out += sent(reader, reader.finish())
    assert out == STREAM


def test_only_what_may_be_the_last_event_is_kept() -> None:
    reader = GeminiStream()
    for part in PARTS[:-1]:
        (one,) = reader.feed(part)
        assert one.raw == part
    assert reader.feed(PARTS[-1]) == []
    assert reader.feed(b": alive\n\n") == [StreamEvent(b":\n\n")]
    (last,) = reader.finish()
    assert (last.raw, last.final) == (PARTS[-1], True)


def test_an_event_after_the_end_of_a_candidate_is_the_last_instead() -> None:
    usage = event({"usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2}})
    reader = GeminiStream()
    assert reader.feed(said("Hi", finishReason="STOP")) == []
    (first,) = reader.feed(usage)
    assert (first.finish, first.final) == ("STOP", False)
    (last,) = reader.finish()
    assert (last.usage, last.final) == (Usage(1, 2), True)


def test_models_that_say_stop_in_every_event_are_read_on() -> None:
    events = read(*(said(text, finishReason="STOP") for text in ("bob@", "example", ".com")))
    assert "".join(delta.text for one in events for delta in one.deltas) == "bob@example.com"
    assert {delta.channel for one in events for delta in one.deltas} == {"candidates/0/text"}
    assert [(one.final, one.closes) for one in events] == [(False, ())] * 2 + [(True, ())]


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        said("Hi"),
        said("Hi", finishReason="STOP") + said("Ho", index=1),
        said("Hi", finishReason="STOP")[:-2],
        event({"usageMetadata": {}}),
    ],
)
def test_a_stream_that_ends_too_early_is_the_upstreams_fault(stream: bytes) -> None:
    with pytest.raises(UpstreamError):
        read(stream)


@pytest.mark.parametrize(
    "stream",
    [b"data: {\n\n", b"data: []\n\n", b"data: [DONE]\n\n", event({"candidates": 3})],
)
def test_what_is_no_stream_of_this_kind_is_the_upstreams_fault(stream: bytes) -> None:
    with pytest.raises(UpstreamError):
        read(stream)


def test_a_prompt_that_the_upstream_blocks_ends_the_stream() -> None:
    feedback = {"blockReason": "SAFETY", "blockReasonMessage": "not this"}
    (one,) = read(event({"promptFeedback": feedback}))
    assert (one.finish, one.final, [delta.text for delta in one.deltas]) == (
        "SAFETY",
        True,
        ["not this"],
    )


def test_the_upstreams_own_error_is_read_and_ends_the_stream() -> None:
    error = {"code": 503, "message": "too busy for ada", "status": "UNAVAILABLE"}
    events = read(said("Hi"), event({"error": error}))
    assert "too busy for ada" in [delta.text for delta in events[-1].deltas]
    assert events[-1].final


def rewritten(reader: GeminiStream, stream: bytes, old: str, new: str) -> bytes:
    events = [*reader.feed(stream), *reader.finish()]
    return b"".join(
        reader.rewrite(
            one, [d.text.replace(old, new) if d.rewritable else d.text for d in one.deltas]
        )
        for one in events
    )


def test_a_changed_text_is_written_into_its_event_alone() -> None:
    out = rewritten(GeminiStream(), STREAM, "Ada", "[PERSON]")
    before, after = [], []
    for part, other in zip(PARTS, out.replace(b"\r\n\r\n", b"\n\n").split(b"\n\n"), strict=False):
        before.append(json.loads(part[6:]))
        after.append(json.loads(other[6:]))
    before[4]["candidates"][0]["content"]["parts"][0]["text"] = "[PERSON]"
    assert after == before


def test_arguments_are_written_as_values() -> None:
    out = rewritten(GeminiStream(), STREAM, "b", 'say "no"')
    calls = answers(out)[-1].function_calls
    assert calls is not None
    assert calls[0].args == {"a": 'say "no"'}


def test_from_a_changed_text_on_nothing_spells_it_again() -> None:
    def end(index: int, text: str) -> bytes:
        supports = {"groundingSupports": [{"segment": {"text": text}}], "webSearchQueries": ["q"]}
        return said("!", index, finishReason="STOP", groundingMetadata=supports)

    logprobs = {"chosenCandidates": [{"token": "Ada"}]}
    stream = (
        said("Hi ", logprobsResult=logprobs)
        + said("Ada", logprobsResult=logprobs)
        + said("Ida", 1, logprobsResult=logprobs)
        + end(0, "Hi A" + "da")
        + end(1, "Ida")
    )
    out = rewritten(GeminiStream(), stream, "Ada", "[PERSON]")
    events = [json.loads(one[6:])["candidates"][0] for one in out.split(b"\n\n")[:-1]]
    assert ["logprobsResult" in one for one in events] == [True, False, True, False, False]
    assert events[3]["groundingMetadata"] == {"webSearchQueries": ["q"]}
    assert events[4]["groundingMetadata"]["groundingSupports"]


def test_what_spells_nothing_again_goes_out_as_it_came() -> None:
    spaced = said(" and  more").replace(b'": ', b'" : ')
    out = rewritten(
        GeminiStream(), said("Ada") + spaced + said(".", finishReason="STOP"), "Ada", "x"
    )
    assert out.endswith(spaced + said(".", finishReason="STOP"))


def test_one_text_for_each_delta() -> None:
    reader = GeminiStream()
    for one in reader.feed(STREAM):
        with pytest.raises(InternalFault):
            reader.rewrite(one, ["x"] * (len(one.deltas) + 1))


@pytest.mark.parametrize("count", range(len(PARTS) + 1))
def test_a_stop_after_any_event_is_one_that_the_sdk_understands(count: int) -> None:
    reader = GeminiStream()
    out = sent(reader, reader.feed(b"".join(PARTS[:count])))
    if count == len(PARTS):
        out += sent(reader, reader.finish())
        assert reader.stop() == b""
        assert finishes(out) == {0: "STOP"}
        return
    stop = reader.stop()
    assert reader.stop() == b""
    assert finishes(out, stop) == {0: "SAFETY"}
    if count:
        last = answers(stop)[0]
        assert (last.model_version, last.response_id) == ("demo-small", "demo00000001")


def test_a_stop_ends_only_what_has_not_ended() -> None:
    stream = said("Hi") + said("Ho", 1) + said("!", finishReason="STOP")
    reader = GeminiStream()
    out = sent(reader, reader.feed(stream))
    assert finishes(out, reader.stop()) == {0: "STOP", 1: "SAFETY"}


def test_a_stop_ends_what_went_on_after_its_end() -> None:
    reader = GeminiStream()
    first = reader.feed(said("Hi", finishReason="STOP") + said(" Ada", finishReason="STOP"))
    out = sent(reader, first)
    assert b"Hi" in out
    assert b"Ada" not in out
    assert finishes(out, reader.stop()) == {0: "SAFETY"}


def test_a_stop_repeats_no_id_that_could_speak() -> None:
    reader = GeminiStream()
    reader.feed(event({"responseId": "my card is 4111", "modelVersion": "m", "candidates": [{}]}))
    assert b"4111" not in reader.stop()


def test_an_error_is_one_that_the_sdk_raises() -> None:
    reader = GeminiStream()
    out = sent(reader, reader.feed(b"".join(PARTS[:2])))
    with pytest.raises(errors.ServerError, match="It broke") as caught:
        answers(out, reader.error("upstream_error", "It broke."))
    assert caught.value.details["error"]["details"][0]["metadata"] == {"code": "upstream_error"}
    assert (reader.stop(), reader.error("c", "m")) == (b"", b"")


def test_wrong_types_are_the_upstreams_fault_and_nothing_else(
    load: Callable[[str], Any], mistyped: Callable[[Any], Iterator[Any]]
) -> None:
    for bad in mistyped(load("gemini_answer")):
        reader = GeminiStream()
        try:
            found = [*reader.feed(said("Hi")), *reader.feed(event(bad)), *reader.finish()]
        except UpstreamError:
            continue
        for one in found:
            reader.rewrite(one, ["new" if d.rewritable else d.text for d in one.deltas])
        reader.stop()


def test_a_text_anywhere_in_an_event_is_found_once_or_refused(
    load: Callable[[str], Any], spoilt: Callable[[Any], Iterator[Any]], mark: str
) -> None:
    for path, body in spoilt(load("gemini_answer")):
        reader = GeminiStream()
        try:
            found = [*reader.feed(event(body)), *reader.finish()]
        except UpstreamError as refused:
            assert mark not in refused.reason  # noqa: PT017 - both ways out are right
            continue
        assert sum(d.text.count(mark) for one in found for d in one.deltas) == 1, path
