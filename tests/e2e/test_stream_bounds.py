"""What bounds a stream: how much may wait, how long, and how much it may be in all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from house import LEAN, House, build, chat
from scripted import ScriptedModel, chunk, stream_of, text_of

from gateway.demo.running import serve

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

PATHS: Final = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
BLOCKED_END: Final = {"openai": "content_filter", "anthropic": "refusal"}


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture(params=PATHS)
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def post(house: House, wire: str) -> httpx.Response:
    asked = chat("hello", max_tokens=16, stream=True)
    return house.client("analyst").post(PATHS[wire], json=asked)


def outcome_of(house: House, answer: httpx.Response) -> dict[str, Any]:
    return house.records_of(answer.headers["x-gateway-event"])[-1]


def test_text_that_waits_too_long_for_a_decision_ends_the_stream(
    model: ScriptedModel, tmp_path: Path, wire: str
) -> None:
    policy = LEAN.replace("defaults: {", "defaults: {hold_back: {time: 300ms}, ")
    events = stream_of(wire, "Hello, ", "write to ada@exam", finish=False)
    with serve(model) as upstream, build(tmp_path, upstream=upstream, policy=policy) as house:
        model.play(*events, *(step for _ in range(100) for step in (0.05, b": ping\n\n")))
        answer = post(house, wire)
        told = text_of(wire, answer.content)
        assert told.texts == {0: "Hello, "}
        assert (told.finish, told.error) == (BLOCKED_END.get(wire, "content_filter"), None)
        outcome = outcome_of(house, answer)
    assert outcome["decision"] == "block"
    assert outcome["findings"][0]["entity"] == "UNDECIDED"


def test_an_event_may_wait_from_when_it_came_and_not_from_when_another_left(
    model: ScriptedModel, tmp_path: Path
) -> None:
    policy = LEAN.replace("defaults: {", "defaults: {hold_back: {time: 1s}, ")
    with serve(model) as upstream, build(tmp_path, upstream=upstream, policy=policy) as house:
        model.play(
            *(chunk(0, {"content": "to ada@exam"}), 0.1, chunk(1, {"content": "to bob@exam"})),
            *(0.7, chunk(0, {"content": "ple.com. "}), 0.7, chunk(1, {"content": " it. "})),
            *(chunk(0, {}, "stop"), chunk(1, {}, "stop"), b"data: [DONE]\n\n"),
        )
        answer = post(house, "openai")
        told = text_of("openai", answer.content)
        assert told.texts[0] == "to [EMAIL_ADDRESS]"
        assert "bob" not in told.texts.get(1, "")
        assert told.finish == "content_filter"
        assert outcome_of(house, answer)["decision"] == "block"


USAGE: Final = (
    b'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"demo-small",'
    b'"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9,"total_tokens":12}}\n\n'
)


def test_what_waits_behind_undecided_text_ends_once_and_blocked(
    model: ScriptedModel, tmp_path: Path
) -> None:
    policy = LEAN.replace("defaults: {", "defaults: {hold_back: {time: 300ms}, ")
    pings = [step for _ in range(40) for step in (0.05, b": ping\n\n")]
    with serve(model) as upstream, build(tmp_path, upstream=upstream, policy=policy) as house:
        model.play(
            chunk(0, {"content": "to ada@exam"}),
            *(chunk(1, {"content": "Fine. "}), chunk(1, {}, "stop"), USAGE, *pings),
        )
        answer = post(house, "openai")
        told = text_of("openai", answer.content)
        outcome = outcome_of(house, answer)
    assert told.texts.get(1, "") == told.texts.get(0, "") == ""
    assert answer.content.count(b'"finish_reason":"content_filter"') == 2
    assert b'"stop"' not in answer.content
    assert answer.content.count(b"[DONE]") == 1
    assert outcome["usage"] == {"input_tokens": 3, "output_tokens": 9}
    assert (outcome["decision"], outcome["error"]) == ("block", None)


@pytest.mark.parametrize("together", [True, False], ids=["in one piece", "event by event"])
def test_nothing_follows_a_block_and_its_stop_is_said_once(
    model: ScriptedModel, tmp_path: Path, wire: str, *, together: bool
) -> None:
    events = stream_of(wire, "Hello. ", "4111 1111 1111 1111", " is it. ", "And more. ")
    steps = [b"".join(events)] if together else [one for e in events for one in (e, 0.02)]
    with serve(model) as upstream, build(tmp_path, upstream=upstream, policy=LEAN) as house:
        model.play(*steps)
        answer = post(house, wire)
        outcome = outcome_of(house, answer)
    told = text_of(wire, answer.content)
    assert told.texts.get(0, "") in {"", "Hello. "}
    assert told.finish == BLOCKED_END[wire]
    ends = {"openai": [b"content_filter", b"[DONE]"], "anthropic": [b"refusal"]}
    assert all(answer.content.count(end) == 1 for end in ends[wire])
    assert not {b'"end_turn"', b'"stop"'} & set(answer.content.split(b":"))
    assert answer.content.count(b'{"type":"message_stop"}') == (wire == "anthropic")
    assert (outcome["decision"], outcome["error"]) == ("block", None)


def test_more_text_than_may_wait_ends_the_stream(
    model: ScriptedModel, tmp_path: Path, wire: str
) -> None:
    policy = LEAN.replace("defaults: {", "defaults: {hold_back: {chars: 100}, ")
    with serve(model) as upstream, build(tmp_path, upstream=upstream, policy=policy) as house:
        model.play(*stream_of(wire, "Hello, ", *["abcdefghij"] * 20))
        answer = post(house, wire)
        told = text_of(wire, answer.content)
        assert told.texts == {0: "Hello, "}
        assert told.finish == BLOCKED_END.get(wire, "content_filter")


def test_stream_without_end_ends_at_the_largest_answer(
    model: ScriptedModel, tmp_path: Path, wire: str
) -> None:
    edit = {"drain: 30s": "drain: 30s, answer: 64KiB"}
    events = stream_of(wire, *["words and words. "] * 9, finish=False)
    more = events[-1]
    with (
        serve(model) as upstream,
        build(tmp_path, upstream=upstream, edit=edit, policy=LEAN) as house,
    ):
        model.play(*events, *[more] * 20_000)
        answer = post(house, wire)
        told = text_of(wire, answer.content)
        assert len(answer.content) < 80_000
        assert told.error is not None
        assert told.error.get("code") == "upstream_error"
        assert outcome_of(house, answer)["error"].endswith("the stream is larger than 65536 bytes")
