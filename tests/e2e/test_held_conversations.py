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


def ask(house: House, text: Any, subject: str = "ada", **more: Any) -> Any:
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


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("named", ["answer", "item", "bare item", "thought"])
def test_attack_nobody_else_goes_on_with_it(
    replicas: list[House], model: Model, named: str, *, stream: bool
) -> None:
    one, other = replicas
    first = ask(one, f"note {MAIL}", stream=stream)
    if stream:
        first = list(first)[-1].response
    item = first.output[0].id
    more: dict[str, Any] = {
        "answer": {"text": "whom?", "previous_response_id": first.id},
        "item": {"text": [{"type": "item_reference", "id": item}]},
        "bare item": {"text": [{"id": item}]},
        "thought": {"text": [{"type": "reasoning", "id": item, "summary": []}]},
    }[named]
    heard = len(other.demo.seen)
    with pytest.raises(openai.PermissionDeniedError, match="may not go on") as caught:
        ask(other, subject="eve", **more)
    assert len(other.demo.seen) == heard
    assert caught.value.code == "policy_denied"
    (record,) = other.records_of(caught.value.response.headers["x-gateway-event"])
    assert record["decision"] == "deny"
    assert "another caller" in record["error"]
    assert first.id not in str(record)
    assert ask(other, **more).id


def test_a_part_of_an_answer_is_gone_on_with_as_the_whole(replicas: list[House]) -> None:
    one, other = replicas
    first = ask(one, f"note {MAIL}")
    text: Any = [
        {"type": "item_reference", "id": first.output[0].id},
        {"role": "user", "content": "whom?"},
    ]
    assert ask(other, text).output_text == f"You wrote to {MAIL}."


@pytest.mark.parametrize("more", [{"previous_response_id": "resp_0"}, {"conversation": "conv_0"}])
def test_what_nobody_was_given_is_refused(replicas: list[House], more: dict[str, Any]) -> None:
    with pytest.raises(openai.PermissionDeniedError, match="may not go on"):
        ask(replicas[0], "whom?", **more)


def test_a_policy_may_allow_what_nobody_was_given(model: Model, tmp_path: Path) -> None:
    policy = "defaults: {unknown_conversations: allow}\n" + POLICY.replace("version: 1\n", "")
    with build(tmp_path / "c", model, policy="version: 1\n" + policy) as house:
        ask(house, f"note {MAIL}", conversation="conv_0")
        assert ask(house, "whom?", conversation="conv_0").output_text == f"You wrote to {MAIL}."
        with pytest.raises(openai.PermissionDeniedError):
            ask(house, "whom?", "eve", conversation="conv_0")


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_attack_no_path_reads_or_deletes_what_is_held(replicas: list[House], method: str) -> None:
    first = ask(replicas[0], "hello")
    client = replicas[0].client("analyst", subject="eve")
    for path in ("", "/cancel", "/input_items"):
        answer = client.request(method, f"/v1/responses/{first.id}{path}")
        assert answer.status_code in {404, 405}
    for path in ("/v1/conversations", "/v1/conversations/conv_1", "/v1/conversations/conv_1/items"):
        assert client.request(method, path).status_code in {404, 405}
    assert not any(first.id in str(seen.json) for seen in replicas[0].demo.seen)


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


@pytest.mark.parametrize("lose", ["kill", "freeze"])
def test_a_lost_state_lets_nothing_held_go_on_and_nothing_else_fail(
    own_redis: RedisServer, model: Model, tmp_path: Path, lose: str
) -> None:
    edit = {"limits: {": f"state: {own_redis.url}\nlimits: {{state_timeout: 500ms, "}
    with build(tmp_path / "c", model, edit=edit, policy=POLICY) as house:
        first = ask(house, f"note {MAIL}")
        getattr(own_redis, lose)()
        with pytest.raises(openai.InternalServerError, match="cannot ask now") as caught:
            ask(house, "whom?", previous_response_id=first.id)
        assert (caught.value.status_code, caught.value.code) == (503, "state_unavailable")
        third = ask(house, f"note {MAIL}")
        assert third.output_text.endswith(f"{MAIL}.")
        if lose == "freeze":
            own_redis.thaw()


def test_attack_the_state_is_lost_in_the_middle_of_a_call(
    own_redis: RedisServer, model: Model, tmp_path: Path
) -> None:
    def lose(request: DemoRequest) -> DemoReply:
        own_redis.kill()
        return model(request)

    edit = {"limits: {": f"state: {own_redis.url}\nlimits: {{"}
    with build(tmp_path / "c", lose, edit=edit, policy=POLICY) as house:
        first = ask(house, f"note {MAIL}")
        assert first.output_text == f"You wrote to {MAIL}."
        with pytest.raises(openai.InternalServerError, match="cannot ask now"):
            ask(house, "whom?", previous_response_id=first.id)


@pytest.mark.parametrize("how", ["cut", "moved", "another key", "no words"])
def test_attack_whoever_writes_to_redis_makes_nobodys_conversation_anybodys(
    replicas: list[House], redis_server: RedisServer, model: Model, how: str
) -> None:
    one, other = replicas
    redis_server.do("FLUSHALL")
    eves = ask(one, "note eve@example.com", "eve")
    stolen = {key: redis_server.do("GET", key) for key in redis_server.do("KEYS", "gateway:kept:*")}
    first = ask(one, f"note {MAIL}")
    for key in redis_server.do("KEYS", "gateway:kept:*"):
        if key in stolen:
            continue
        value = redis_server.do("GET", key)
        forged = {
            "cut": value[:-8],
            "another key": "QUFB" * 40,
            "no words": "\x00",
            "moved": next(iter(stolen.values())),
        }
        redis_server.do("SET", key, forged[how])
    for whose, named in (("eve", first.id), ("ada", first.id), ("ada", eves.id)):
        with pytest.raises(openai.PermissionDeniedError):
            ask(other, "whom?", whose, previous_response_id=named)


@pytest.mark.parametrize(
    "required", ["prompt_chars: {lte: 1000}", "messages: {lte: 9}", "message_chars: {lte: 100}"]
)
def test_attack_a_conversation_that_nobody_can_count_is_not_counted_as_short(
    model: Model, tmp_path: Path, required: str
) -> None:
    policy = POLICY.replace("scan: [pii]", f"require: {{{required}}}, scan: [pii]")
    with build(tmp_path / "c", model, policy=policy) as house:
        first = ask(house, "hello")
        item = first.output[0].id
        attempts: list[Any] = [
            {"text": "more", "previous_response_id": first.id},
            {"text": [{"type": "item_reference", "id": item}]},
            {"text": [{"id": item}]},
        ]
        for more in attempts:
            with pytest.raises(openai.PermissionDeniedError, match=required.partition(":")[0]):
                ask(house, **more)
        assert ask(house, "hello again").id
