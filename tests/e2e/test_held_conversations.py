"""Pseudonyms where the provider holds the conversation, with two replicas and one Redis."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import openai
import pytest
from house import House, build

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from redis_server import RedisServer

POLICY = """\
version: 1
roles: {analyst: {}, auditor: {control: [audit.read]}}
scanners:
  pii: {kind: pii, on: [user, answer], entities: {EMAIL_ADDRESS: tokenise}}
rules:
  - {id: all, allow: {roles: [analyst], models: ["demo-*"]}, scan: [pii]}
"""
STAND_IN = re.compile(r"<EMAIL_ADDRESS_[0-9a-f]{10}>")
MAIL = "ann@example.com"


class Model:
    """Remembers what it was told, as a provider does that holds the conversation."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, request: DemoRequest) -> DemoReply:
        text = request.last.text
        self.told += STAND_IN.findall(text)
        assert MAIL not in text
        return DemoReply(f"You wrote to {', '.join(self.told)}.")


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def replicas(model: Model, redis_server: RedisServer, tmp_path: Path) -> Iterator[list[House]]:
    """Two gateways with the same key for pseudonyms and the same Redis."""
    keys: list[str] = []

    def prepare(home: Path) -> None:
        file = home / "keys" / "pseudonyms.key"
        keys.append(file.read_text())
        file.write_text(keys[0])

    edit = {"limits: {": f"state: {redis_server.url}\nlimits: {{"}
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                build(tmp_path / name, model, edit=edit, policy=POLICY, prepare=prepare)
            )
            for name in ("a", "b")
        ]


def ask(house: House, text: str, subject: str = "ada", **more: Any) -> Any:
    client = openai.OpenAI(
        base_url=f"{house.url}/v1", api_key=house.token("analyst", subject=subject), max_retries=0
    )
    house.clients.enter_context(client)
    return client.responses.create(model="demo-small", input=text, **more)


@pytest.mark.parametrize("stream", [False, True])
def test_the_next_turn_goes_on_at_another_replica(
    replicas: list[House], model: Model, *, stream: bool
) -> None:
    one, other = replicas
    first = ask(one, f"note {MAIL}")
    assert first.output_text == f"You wrote to {MAIL}."
    second = ask(other, "whom?", previous_response_id=first.id, stream=stream)
    if stream:
        events = list(second)
        second = events[-1].response
        said = "".join(e.delta for e in events if e.type == "response.output_text.delta")
        assert said == f"You wrote to {MAIL}."
    assert second.output_text == f"You wrote to {MAIL}."
    third = ask(one, f"and {MAIL}, bob@example.com", previous_response_id=second.id)
    assert third.output_text == f"You wrote to {MAIL}, {MAIL}, bob@example.com."
    assert model.told[0] == model.told[1]


def test_nobody_else_goes_on_with_it(replicas: list[House], model: Model) -> None:
    one, other = replicas
    first = ask(one, f"note {MAIL}")
    stolen = ask(other, "whom?", "eve", previous_response_id=first.id)
    assert stolen.output_text == f"You wrote to {model.told[0]}."


def test_redis_holds_no_value_in_the_clear(
    replicas: list[House], redis_server: RedisServer
) -> None:
    first = ask(replicas[0], f"note {MAIL}")
    keys = redis_server.do("KEYS", "gateway:kept:*")
    assert keys
    for key in keys:
        value = redis_server.do("GET", key)
        assert MAIL not in str(value)
        assert first.id not in str(key)
        assert 0 < int(redis_server.do("PTTL", key)) <= 24 * 3600 * 1000


def test_a_lost_state_turns_nothing_back_and_refuses_nothing(
    own_redis: RedisServer, model: Model, tmp_path: Path
) -> None:
    edit = {"limits: {": f"state: {own_redis.url}\nlimits: {{"}
    with build(tmp_path / "c", model, edit=edit, policy=POLICY) as house:
        first = ask(house, f"note {MAIL}")
        own_redis.kill()
        second = ask(house, "whom?", previous_response_id=first.id)
        assert second.output_text == f"You wrote to {model.told[0]}."
        third = ask(house, f"note {MAIL}")
        assert third.output_text.endswith(f"{MAIL}.")
