"""The order of the steps, seen from outside, and what becomes of faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest
from house import LEAN, House, build, chat
from raw_http import connect, head

from gateway import pipeline
from gateway.demo.reply import DemoReply, DemoRequest
from gateway.ingress.strict_json import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH: Final = "/v1/chat/completions"
CARD: Final = "my card is 4111 1111 1111 1111"
CANARY: Final = "zanzibar-pelican"


class Model:
    """A model that looks into the audit log while it is asked."""

    def __init__(self) -> None:
        self.house: House | None = None
        self.stages: list[str] = []

    def reply(self, request: DemoRequest) -> DemoReply:
        if "look" in request.last.text and self.house is not None:
            newest = self.house.events(limit="20")
            calls = [one for one in newest if one["route"] == "chat.completions"]
            self.stages = [one["stage"] for one in calls if one["request"] == calls[0]["request"]]
        return DemoReply(f"length {len(request.last.text)}")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("pipeline"), model.reply, policy=LEAN) as house:
        model.house = house
        yield house


def test_a_bad_token_is_401_before_the_body_comes(house: House) -> None:
    with connect(house.url) as connection:
        connection.send(head(PATH, "bad", "content-length: 9000000"))
        answer = connection.answer()
    assert answer is not None
    assert answer.status == 401


def test_a_body_is_parsed_for_known_callers_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []

    def watched(raw: bytes, **more: Any) -> Any:
        parsed.append(raw)
        return loads(raw, **more)

    monkeypatch.setattr(pipeline, "loads", watched)
    for content in (b"{not json", b"[" * 100_000):
        json = {"content-type": "application/json"}
        bad = {**json, "authorization": "Bearer bad"}
        assert house.client().post(PATH, content=content, headers=bad).status_code == 401
        assert parsed == []
        assert house.client("analyst").post(PATH, content=content, headers=json).status_code == 400
        assert parsed.pop() == content


def test_what_is_denied_is_not_scanned(house: House) -> None:
    answer = house.client("auditor").post(PATH, json=chat(CARD))
    assert answer.status_code == 403
    (outcome,) = house.records_of(answer.headers["x-gateway-event"])
    assert (outcome["findings"], outcome.get("coverage")) == ([], None)


def test_what_is_blocked_is_not_forwarded(house: House) -> None:
    seen = len(house.demo.seen)
    answer = house.client("analyst").post(PATH, json=chat(CARD))
    assert answer.status_code == 400
    records = house.records_of(answer.headers["x-gateway-event"])
    assert [one["stage"] for one in records] == ["outcome"]
    assert len(house.demo.seen) == seen


def test_the_intent_is_recorded_before_the_upstream_hears(house: House, model: Model) -> None:
    answer = house.client("analyst").post(PATH, json=chat("look"))
    assert answer.status_code == 200
    assert model.stages == ["intent"]
    records = house.records_of(answer.headers["x-gateway-event"])
    assert [one["stage"] for one in records] == ["intent", "outcome"]


def test_a_fault_of_ours_is_a_recorded_500_without_its_words(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    seen = len(house.demo.seen)
    monkeypatch.setattr(pipeline, "decide", broken)
    answer = house.client("analyst").post(PATH, json=chat("hello"))
    monkeypatch.undo()
    assert answer.status_code == 500
    (outcome,) = house.records_of(answer.headers["x-gateway-event"])
    assert outcome["status"] == 500
    assert outcome["error"].endswith("internal: RuntimeError")
    told = answer.text + str(answer.headers) + orjson.dumps(outcome).decode()
    assert CANARY not in told + "".join(capfd.readouterr())
    assert len(house.demo.seen) == seen


@pytest.mark.parametrize("length", [100, 130_000, 140_000, 400_000])
def test_long_bodies_fare_like_short_ones(house: House, length: int) -> None:
    text = ("word " * (length // 5))[:-1] + "."
    answer = house.client("analyst").post(PATH, json=chat(text))
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == f"length {len(text)}"
    blocked = house.client("analyst").post(PATH, json=chat(f"{text} {CARD}"))
    assert blocked.json()["error"]["code"] == "content_blocked"
    broken = orjson.dumps(chat(text))[:-1]
    json = {"content-type": "application/json"}
    assert house.client("analyst").post(PATH, content=broken, headers=json).status_code == 400
