"""A streamed completion without a conversation: what comes in, what goes out, how it is ended."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai.types import Completion

from gateway.demo import openai_completions_api
from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply
from gateway.demo.running import serve
from gateway.errors import UpstreamError
from gateway.wire.exchange import Usage
from gateway.wire.openai_stream import CompletionStream

ASKED = {
    "model": "demo-small",
    "prompt": ["Once", "The end"],
    "echo": True,
    "stream": True,
    "stream_options": {"include_usage": True},
}
STREAM = b"".join(
    openai_completions_api.events(
        openai_completions_api.read(ASKED, "", {}), DemoReply(("Hel", "lo ", "Ada")), 1
    )
)


def chunk(*choices: dict[str, Any]) -> bytes:
    head = {"id": "cmpl-1", "object": "text_completion", "created": 5, "model": "m"}
    return b"data: %b\n\n" % json.dumps({**head, "choices": choices}).encode()


def said(stream: bytes) -> list[Completion]:
    *events, end = stream.decode().split("\n\n")[:-1]
    assert end == "data: [DONE]"
    return [Completion.model_validate_json(event.removeprefix("data: ")) for event in events]


def test_every_choice_is_a_text_of_its_own_and_passes_unchanged() -> None:
    reader = CompletionStream()
    texts: dict[str, str] = {}
    out = b""
    events = [*reader.feed(STREAM), *reader.finish()]
    for event in events:
        for delta in event.deltas:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
        out += reader.rewrite(event, [delta.text for delta in event.deltas])
    assert texts == {"choices/0/text": "OnceHello Ada", "choices/1/text": "The endHello Ada"}
    assert out == STREAM
    assert [event.usage for event in events if event.usage] == [Usage(3, 6)]
    assert [event.counts_only for event in events if event.usage] == [True]
    assert events[-1].final


def test_a_rewritten_event_loses_what_spells_it_again() -> None:
    logprobs = {"tokens": ["Ada"], "token_logprobs": [-1.0], "text_offset": [0]}
    one = {"index": 0, "text": "Ada", "logprobs": logprobs, "token_ids": [47395]}
    reader = CompletionStream()
    other = {**logprobs, "tokens": ["Bob"]}
    (event,) = reader.feed(chunk(one, {**one, "index": 1, "text": "Bob", "logprobs": other}))
    texts = [delta.text.replace("Ada", "[PERSON]") for delta in event.deltas]
    data = json.loads(reader.rewrite(event, texts).removeprefix(b"data: "))
    assert data["choices"][0] == {
        "index": 0,
        "text": "[PERSON]",
        "logprobs": None,
        "token_ids": None,
    }
    assert data["choices"][1]["logprobs"] == other


def test_a_stop_ends_every_choice_that_is_open() -> None:
    reader = CompletionStream()
    ended = {"index": 1, "text": "b", "finish_reason": "stop"}
    for event in reader.feed(chunk({"index": 0, "text": "a"}) + chunk(ended)):
        reader.rewrite(event, [delta.text for delta in event.deltas])
    (last,) = said(reader.stop())
    assert (last.id, last.object, last.model) == ("cmpl-1", "text_completion", "m")
    assert [(one.index, one.text, one.finish_reason) for one in last.choices] == [
        (0, "", "content_filter")
    ]
    assert reader.stop() == b""


def test_the_endings_are_what_the_sdk_understands() -> None:
    reader = CompletionStream()
    ways: dict[str, tuple[bytes, ...]] = {
        "stop": (chunk({"index": 0, "text": "a"}), CompletionStream().stop()),
        "error": (chunk({"index": 0, "text": "a"}), reader.error("upstream_error", "It broke.")),
    }
    app = demo_app(
        lambda request: DemoReply(raw=ways[request.last.text], content_type="text/event-stream")
    )
    with serve(app) as url, openai.OpenAI(api_key="x", base_url=url + "/v1") as client:
        with client.completions.create(model="m", prompt="stop", stream=True) as stream:
            finishes = [one.choices[0].finish_reason for one in stream]
        assert finishes == [None, "content_filter"]
        with (
            client.completions.create(model="m", prompt="error", stream=True) as stream,
            pytest.raises(openai.APIError, match="It broke"),
        ):
            list(stream)


@pytest.mark.parametrize(
    "choice", [{"index": 0, "text": ["x"]}, {"text": "x"}, {"index": 0, "text": 3}]
)
def test_what_is_no_stream_of_this_kind_is_the_upstreams_fault(choice: Any) -> None:
    with pytest.raises(UpstreamError):
        CompletionStream().feed(chunk(choice))


def test_a_text_that_is_no_text_yet_is_none() -> None:
    (event,) = CompletionStream().feed(chunk({"index": 0, "text": None}))
    assert event.deltas == ()
