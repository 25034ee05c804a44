"""Attacks on pseudonyms: too many of them, stand-ins in disguise, and errors that echo them."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest
from house import House, build, chat

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLICY: Final = """\
version: 1
roles: {analyst: {}, auditor: {control: [audit.read]}}
scanners:
  pii: {kind: pii, on: [user, answer], entities: {EMAIL_ADDRESS: tokenise, CREDIT_CARD: block}}
rules:
  - {id: chat, allow: {roles: [analyst], models: ["demo-*"]}, scan: [pii]}
"""
STAND_IN: Final = re.compile(r"<EMAIL_ADDRESS_[0-9a-f]{10}>")
MAIL: Final = "ann@example.com"
CARD: Final = "4111 1111 1111 1111"
DISGUISES: Final[dict[str, Callable[[str], str]]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "percent": lambda text: quote(text, safe=""),
    "twice percent": lambda text: quote(quote(text, safe=""), safe=""),
    "entities": html.escape,
    "numbered entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "json": json.dumps,
    "json in json": lambda text: json.dumps(json.dumps({"to": text})),
    "escapes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "spread": "\u200b".join,
}


class Model:
    """Says what it was told to; errors too."""

    def __init__(self) -> None:
        self.says = ""
        self.status = 200
        self.body: bytes | None = None
        self.content_type = "application/json"
        self.heard = ""

    def __call__(self, request: DemoRequest) -> DemoReply:
        self.heard = request.last.text
        if self.body is not None:
            body = self.body.replace(b"HEARD", request.last.text.encode())
            return DemoReply(raw=(body,), status=self.status, content_type=self.content_type)
        return DemoReply(self.says.replace("HEARD", self.heard))


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def house(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("attacks"), model, policy=POLICY) as house:
        yield house


@pytest.fixture(autouse=True)
def _as_usual(model: Model) -> None:
    model.says, model.status, model.body, model.content_type = (
        "HEARD",
        200,
        None,
        "application/json",
    )


def ask(house: House, text: str, subject: str = "ada", **more: Any) -> Any:
    client = house.client("analyst", subject=subject)
    return client.post("/v1/chat/completions", json=chat(text, **more), timeout=120)


def said(answer: Any, *, stream: bool) -> str:
    if not stream:
        return str(answer.json()["choices"][0]["message"]["content"])
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line[:7] == "data: {"]
    return "".join(
        choice["delta"].get("content") or "" for event in events for choice in event["choices"]
    )


@pytest.mark.parametrize("stream", [False, True])
def test_ten_thousand_values_go_out_under_stand_ins_and_come_back(
    house: House, model: Model, *, stream: bool
) -> None:
    text = " ".join(f"u{number}@example.com" for number in range(10_000))
    answer = ask(house, text, stream=stream)
    assert answer.status_code == 200
    assert said(answer, stream=stream) == text
    assert len(set(STAND_IN.findall(model.heard))) == 10_000
    assert "example.com" not in model.heard
    # And the gateway serves others as before.
    assert ask(house, f"note {MAIL}").status_code == 200


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_attack_a_stand_in_of_another_caller_in_disguise_is_never_turned_back(
    house: House, model: Model, disguise: str, *, stream: bool
) -> None:
    ask(house, f"note {MAIL}", "ada")
    (stolen,) = STAND_IN.findall(model.heard)
    model.says = f"It says {DISGUISES[disguise](stolen)} there."
    answer = ask(house, "what is it?", "eve", stream=stream)
    assert said(answer, stream=stream) == model.says
    assert MAIL not in answer.text
    outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert [note["entity"] for note in outcome["findings"]] == ["UNKNOWN_STAND_IN"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_stand_in_of_the_caller_in_disguise_is_turned_back_or_left(
    house: House, model: Model, disguise: str, *, stream: bool
) -> None:
    ask(house, f"note {MAIL}")
    (own,) = STAND_IN.findall(model.heard)
    model.says = f"It says {DISGUISES[disguise](own)} there."
    answer = ask(house, f"note {MAIL}", stream=stream)
    got = said(answer, stream=stream)
    assert MAIL in got or got == model.says
    assert got.startswith("It says ")
    assert got.endswith(" there.")


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_error_that_repeats_the_request_is_turned_back(
    house: House, model: Model, status: int
) -> None:
    model.status, model.body = status, b'{"error": {"message": "cannot HEARD", "type": "x"}}'
    answer = ask(house, f"note {MAIL}")
    assert answer.status_code == status
    assert answer.json()["error"]["message"] == f"cannot note {MAIL}"


@pytest.mark.parametrize("status", [400, 500])
def test_attack_an_error_says_what_it_heard_of_another_caller(
    house: House, model: Model, status: int
) -> None:
    ask(house, f"note {MAIL}", "ada")
    (stolen,) = STAND_IN.findall(model.heard)
    model.status = status
    model.body = json.dumps({"error": {"message": f"{stolen} and bob@example.com"}}).encode()
    answer = ask(house, "hello", "eve")
    assert answer.status_code == status
    assert MAIL not in answer.text
    assert stolen in answer.json()["error"]["message"]
    assert "bob@example.com" not in answer.text


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "application/problem+json"])
def test_attack_an_error_that_is_no_json_reaches_nobody_unread(
    house: House, model: Model, status: int, content_type: str
) -> None:
    model.status, model.body, model.content_type = status, b"bob@example.com HEARD", content_type
    answer = ask(house, f"note {MAIL}")
    assert answer.status_code == 502
    assert "@" not in answer.text
    assert "EMAIL" not in answer.text


def test_attack_an_error_with_what_is_blocked_is_withheld(house: House, model: Model) -> None:
    model.status, model.body = 400, json.dumps({"error": {"message": f"card {CARD}"}}).encode()
    answer = ask(house, "hello", stream=True)
    assert answer.status_code == 400
    assert CARD not in answer.text
    assert answer.json()["error"]["code"] == "content_blocked"
