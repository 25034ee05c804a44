"""What bounds a stream: how much may wait, how long, and how much it may be in all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from house import LEAN, House, build, chat
from scripted import ScriptedModel, stream_of, text_of

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
