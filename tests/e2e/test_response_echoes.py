"""What OpenAI's responses repeat of the request: read as a request, and not as an answer too."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import openai
import pytest
from house import House, build
from scripted import ScriptedModel

from gateway.demo.reply import DemoReply, DemoRequest
from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY: Final = """\
version: 1
roles: {analyst: {}, auditor: {control: [audit.read]}}
scanners:
  addresses: {kind: pii, on: [user, tool_definition, answer], entities: {EMAIL_ADDRESS: tokenise}}
  cards: {kind: pii, on: [answer], entities: {CREDIT_CARD: block, PHONE_NUMBER: redact}}
rules:
  - {id: all, allow: {roles: [analyst], models: ["demo-*"]}, scan: [addresses, cards]}
"""
CARD: Final = "4111 1111 1111 1111"
PHONE: Final = "+1 212-555-0123"
INSTRUCTIONS: Final = f"Never say {CARD}; the office is {PHONE}."
MAIL: Final = "ann@example.com"
TOOL: Final[Any] = {
    "type": "function",
    "name": "mail",
    "description": f"writes to {MAIL}",
    "parameters": {"type": "object", "properties": {}},
    "strict": False,
}
ASKED: Final[dict[str, Any]] = {
    "model": "demo-small",
    "input": "hello",
    "instructions": INSTRUCTIONS,
    "metadata": {"mail": MAIL, "phone": PHONE},
    "tools": [TOOL],
}


def reply(request: DemoRequest) -> DemoReply:
    return DemoReply(f"You said {request.last.text}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("echoes"), reply, policy=POLICY) as house:
        yield house


def sdk(house: House) -> openai.OpenAI:
    client = openai.OpenAI(
        base_url=f"{house.url}/v1", api_key=house.token("analyst"), max_retries=0
    )
    return house.clients.enter_context(client)


def answers(house: House, **more: Any) -> list[Any]:
    """The whole answer, and those that a stream begins and ends with."""
    client = sdk(house)
    events = list(client.responses.create(**{**ASKED, **more}, stream=True))
    return [client.responses.create(**{**ASKED, **more}), events[0].response, events[-1].response]


def test_bug_an_operators_own_instructions_blocked_every_answer(house: House) -> None:
    for answer in answers(house):
        assert answer.status in {"completed", "in_progress"}
        assert answer.instructions == INSTRUCTIONS
        assert answer.metadata["phone"] == PHONE
    assert house.demo.seen[-1].json["instructions"] == INSTRUCTIONS


def test_what_left_under_a_stand_in_comes_back_in_the_echo(house: House) -> None:
    for answer in answers(house):
        assert MAIL not in str(house.demo.seen[-1].json)
        assert answer.metadata["mail"] == MAIL
        assert answer.tools[0].description == f"writes to {MAIL}"


def test_an_echo_is_counted_with_the_request_and_not_once_more(house: House) -> None:
    raw = house.client("analyst").post("/v1/responses", json=ASKED)
    intent, outcome = house.records_of(raw.headers["x-gateway-event"])
    assert {note["where"] for note in intent["findings"]} == {
        "/metadata/mail",
        "/tools/0/description",
    }
    assert outcome["findings"] == []
    assert outcome["coverage"]["chars"] == outcome["coverage"]["scanned"]
    assert raw.headers["x-gateway-decision"] == "tokenise"


def test_the_answer_itself_is_read_though_it_says_the_same(house: House) -> None:
    whole, _, last = answers(house, input=INSTRUCTIONS)
    for answer in (whole, last):
        assert answer.status == "incomplete"
        assert answer.incomplete_details.reason == "content_filter"
        assert CARD not in str(answer.output)


def _body(instructions: str, status: str = "completed") -> dict[str, Any]:
    return {
        "id": "resp_9", "object": "response", "created_at": 1, "status": status,
        "model": "demo-small", "instructions": instructions, "output": [], "tools": [],
        "parallel_tool_calls": True, "tool_choice": "auto",
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
    }  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("said", [f"{INSTRUCTIONS} Really.", f"Call {PHONE} or {CARD}"])
def test_attack_an_upstream_that_alters_the_echo_is_read(
    tmp_path_factory: pytest.TempPathFactory, said: str, *, stream: bool
) -> None:
    model = ScriptedModel()
    with ExitStack() as stack:
        url = stack.enter_context(serve(model))
        folder = tmp_path_factory.mktemp("altered")
        house = stack.enter_context(build(folder, upstream=url, policy=POLICY))
        if stream:
            events = [
                {"type": "response.created", "response": _body(said, "in_progress")},
                {"type": "response.completed", "response": _body(said)},
            ]
            model.play(
                *(
                    f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
                    for event in events
                )
            )
        else:
            model.play(json.dumps(_body(said)).encode(), content_type="application/json")
        raw = house.client("analyst").post("/v1/responses", json={**ASKED, "stream": stream})
        assert raw.headers["x-gateway-decision"] in {"block", "tokenise"}
        assert CARD not in raw.text
        assert "content_filter" in raw.text
