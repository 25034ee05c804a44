"""What goes out is what was scanned, however long it is, and stands nowhere twice."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from gateway.errors import PolicyDenied
from gateway.ingress.held_list import HeldList
from gateway.ingress.strict_json import loads
from gateway.policy.decision import Decision
from gateway.scan.engine import Engine, default_specs
from gateway.steps.inspection import inspect_now
from gateway.steps.outgoing import Outgoing, forwarded
from gateway.steps.packed_body import PackedBody
from gateway.terms import Action
from gateway.wire.openai_chat import OpenAIChat
from gateway.wire.openai_responses import OpenAIResponses

if TYPE_CHECKING:
    from gateway.wire.exchange import Format

ADDRESS: Final = "anna.petrova@example.org"
LETTER: Final = "Please write an answer, “soon”, to everybody who asked for one. "
DECISION: Final = Decision(
    allowed=True,
    rules=("r",),
    reason="",
    message=None,
    scanners=("pii",),
    capture="sealed",
    on_scanner_error=Action.BLOCK,
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(default_specs())


def out(engine: Engine, body: Any, wire: Format, decision: Decision = DECISION) -> Outgoing:
    """A request as it goes out; its text can change by then."""
    raw = bytearray(json.dumps(body).encode())
    exchange = wire.read(loads(raw, hold=True))
    asked = inspect_now(engine, decision, exchange.texts)
    outgoing = asyncio.run(forwarded(wire, exchange, decision, asked))
    raw.clear()
    return outgoing


def said(outgoing: Outgoing) -> Any:
    """What the upstream hears."""
    body = outgoing.spell()
    return json.loads(b"".join(body.pieces()) if isinstance(body, PackedBody) else body)


def test_a_request_that_goes_out_is_spelt_once() -> None:
    outgoing = Outgoing({"model": "m"})
    assert outgoing.spell() == b'{"model":"m"}'
    assert outgoing.body is None


def test_a_long_text_is_rewritten_when_it_is_written(engine: Engine) -> None:
    text = (LETTER * 40 + ADDRESS + " ") * 200
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    outgoing = out(engine, body, OpenAIChat())
    assert isinstance(outgoing.body, dict)
    assert len(outgoing.body["messages"][0]["content"]) < 100
    sent = said(outgoing)
    assert sent["messages"][0]["content"] == text.replace(ADDRESS, "[EMAIL_ADDRESS]")
    assert outgoing.later is None


def test_what_is_packed_goes_out_all_the_same(engine: Engine) -> None:
    text = (LETTER * 40 + ADDRESS + " ") * 200
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    exchange = OpenAIChat().read(body)
    asked = inspect_now(engine, DECISION, exchange.texts)
    outgoing = asyncio.run(forwarded(OpenAIChat(), exchange, DECISION, asked, pack=True))
    assert isinstance(outgoing.body, PackedBody)
    assert said(outgoing)["messages"][0]["content"] == text.replace(ADDRESS, "[EMAIL_ADDRESS]")


def test_what_rules_put_before_a_long_text_stands_before_it(engine: Engine) -> None:
    text = (LETTER * 40 + ADDRESS + " ") * 200
    body = {"model": "m", "messages": [{"role": "system", "content": text}]}
    decision = replace(DECISION, changes={"system_prefix": "Be kind."})
    sent = said(out(engine, body, OpenAIChat(), decision))
    rewritten = text.replace(ADDRESS, "[EMAIL_ADDRESS]")
    assert sent["messages"][0]["content"] == "Be kind.\n\n" + rewritten


def test_an_answer_may_repeat_a_long_text_as_it_went_out(engine: Engine) -> None:
    text = (LETTER * 40 + ADDRESS + " ") * 200
    body = {"model": "m", "instructions": text, "input": "Hello."}
    outgoing = out(engine, body, OpenAIResponses())
    rewritten = text.replace(ADDRESS, "[EMAIL_ADDRESS]")
    assert (("instructions",), rewritten) in outgoing.echoes
    assert said(outgoing)["instructions"] == rewritten


def test_a_text_within_another_is_rewritten_at_once(engine: Engine) -> None:
    inner = json.dumps({"to": (LETTER * 40 + ADDRESS + " ") * 200}, ensure_ascii=False)
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": inner}}
    body = {"model": "m", "messages": [{"role": "assistant", "tool_calls": [call]}]}
    sent = said(out(engine, body, OpenAIChat()))
    arguments = sent["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == json.loads(inner.replace(ADDRESS, "[EMAIL_ADDRESS]"))


def messages(count: int) -> list[dict[str, Any]]:
    """Some messages of which every hundredth names somebody."""
    return [
        {"role": "user", "content": f"{number} {LETTER}" + ADDRESS * (number % 100 == 7)}
        for number in range(count)
    ]


@pytest.mark.parametrize("changes", [{}, {"system_prefix": "Be kind.", "max_tokens": 5}])
def test_of_many_messages_those_are_rewritten_in_which_something_was_found(
    engine: Engine, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.ingress.long_json._VERY_LONG", 2**20)
    body = {"model": "m", "messages": messages(12_000), "max_tokens": 9}
    assert type(loads(json.dumps(body).encode(), hold=True)["messages"]) is HeldList
    sent = said(out(engine, body, OpenAIChat(), replace(DECISION, changes=changes)))
    wanted = json.loads(json.dumps(body).replace(ADDRESS, "[EMAIL_ADDRESS]"))
    if changes:
        wanted["max_tokens"] = 5
        wanted["messages"].insert(0, {"role": "system", "content": "Be kind."})
    assert sent == wanted


def test_what_a_format_cannot_say_is_refused_before_anything_is_written(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.ingress.long_json._VERY_LONG", 2**20)
    decision = replace(DECISION, changes={"top_k": 5})
    with pytest.raises(PolicyDenied):
        out(engine, {"model": "m", "messages": messages(12_000)}, OpenAIChat(), decision)
