"""Whole answers: passed on as they are, rewritten, withheld or refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import pytest
from house import LEAN, House, build, chat
from scripted import ScriptedModel, stream_of, whole_of

from gateway.demo.running import serve
from gateway.steps import answering
from gateway.steps.delay_line import DelayLine
from gateway.steps.responding import send_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx

PATHS: Final = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
CARD: Final = "4111 1111 1111 1111"
JSON: Final = "application/json"


@pytest.fixture(scope="module")
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, model: ScriptedModel) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("answering")
    with serve(model) as url, build(folder, upstream=url, policy=LEAN) as house:
        yield house


@pytest.fixture(params=PATHS)
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def post(house: House, wire: str, **more: Any) -> httpx.Response:
    return house.client("analyst").post(PATHS[wire], json=chat("hello", max_tokens=16, **more))


@pytest.mark.parametrize("size", [1, 200_000])
def test_a_clean_answer_is_the_same_to_the_byte(
    house: House, model: ScriptedModel, wire: str, size: int
) -> None:
    raw = b" " + whole_of(wire, "caf\u00e9 " * size).replace(b":", b" :  ") + b"\n"
    model.play(raw, content_type=JSON)
    answer = post(house, wire)
    assert (answer.status_code, answer.content) == (200, raw)
    assert answer.headers["x-gateway-decision"] == "allow"


def test_an_address_is_taken_out(house: House, model: ScriptedModel, wire: str) -> None:
    model.play(whole_of(wire, "Write to ada@example.com now."), content_type=JSON)
    answer = post(house, wire)
    assert answer.status_code == 200
    assert "ada@example.com" not in answer.text
    assert "Write to " in answer.text
    assert answer.headers["x-gateway-decision"] == "redact"


def test_a_card_number_withholds_the_answer(house: House, model: ScriptedModel, wire: str) -> None:
    model.play(whole_of(wire, f"Secretly {CARD}."), content_type=JSON)
    answer = post(house, wire)
    assert answer.status_code == 200
    assert "Secretly" not in answer.text
    assert CARD not in answer.text
    assert answer.headers["x-gateway-decision"] == "block"


@pytest.mark.parametrize("kind", ["text/html", "text/event-stream", "application/jsonl"])
def test_another_content_type_is_502(
    house: House, model: ScriptedModel, wire: str, kind: str
) -> None:
    model.play(whole_of(wire, "Hello."), content_type=kind)
    answer = post(house, wire)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_error")
    assert "Hello." not in answer.text


def test_no_stream_where_one_was_asked_for_is_502(
    house: House, model: ScriptedModel, wire: str
) -> None:
    model.play(whole_of(wire, "Hello."), content_type=JSON)
    assert post(house, wire, stream=True).status_code == 502


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "shift_jis"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_bug_a_client_is_not_told_to_read_another_charset_than_was_read(
    house: House, model: ScriptedModel, wire: str, charset: str, *, stream: bool
) -> None:
    kind = "text/event-stream" if stream else JSON
    parts = stream_of(wire, "+AGEAYg-") if stream else [whole_of(wire, "+AGEAYg-")]
    model.play(*parts, content_type=f"{kind}; charset={charset}")
    answer = post(house, wire, stream=stream)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


def test_json_that_is_not_strict_is_502(house: House, model: ScriptedModel, wire: str) -> None:
    model.play(whole_of(wire, "Hello.")[:-1] + b',"id":"x"}', content_type=JSON)
    assert post(house, wire).status_code == 502


def test_the_outcome_is_recorded_before_the_body_is_sent(
    house: House, model: ScriptedModel, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[bool] = []

    async def watched(call: Any, *more: Any) -> None:
        order.append(call.concluded)
        await send_body(call, *more)

    monkeypatch.setattr(answering, "send_body", watched)
    model.play(whole_of(wire, "Hello."), content_type=JSON)
    answer = post(house, wire)
    assert order == [True]
    # With the answer in hand, the record must be there at once.
    events = house.events(limit="20")
    event = answer.headers["x-gateway-event"]
    assert "outcome" in {one["stage"] for one in events if one["request"] == event}


@pytest.mark.parametrize(
    ("texts", "aside"),
    [(["Hello, ", "world."], False), (["Hi. ", "([{<" * 1000], True), (["\u200b" * 50] * 60, True)],
    ids=["short events", "one long event", "much that is held"],
)
def test_bug_a_long_event_held_up_all_other_requests(
    house: House,
    model: ScriptedModel,
    wire: str,
    monkeypatch: pytest.MonkeyPatch,
    texts: list[str],
    *,
    aside: bool,
) -> None:
    """One event of a mebibyte of brackets stopped the gateway for twelve seconds."""
    asides: list[bool] = []
    push = DelayLine.push

    def watched(line: DelayLine, events: Sequence[Any]) -> bytes:
        loop = _running()
        if not line.is_long(events):
            assert loop
        else:
            asides.append(not loop)
        return push(line, events)

    monkeypatch.setattr(DelayLine, "push", watched)
    model.play(*stream_of(wire, *texts))
    answer = post(house, wire, stream=True)
    assert answer.status_code == 200
    assert all(asides)
    assert bool(asides) is aside


def _running() -> bool:
    """Whether this is a thread of an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
