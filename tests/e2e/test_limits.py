"""Limits as clients meet them, in one process and across two gateways with one Redis."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import anthropic
import openai
import pytest
from access import ACCESS
from house import House, build, chat
from redis_server import RedisServer, run_redis

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

PATH: Final = "/v1/chat/completions"
GENEROUS: Final = ACCESS.replace("rules:\n", "defaults: {on_state_error: allow}\nrules:\n", 1)


def reply(request: DemoRequest) -> DemoReply:
    return DemoReply("Fine.", delay=1.0 if "slow" in request.last.text else 0.0)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build(tmp_path, reply, policy=ACCESS) as house:
        yield house


def ask(house: House, role: str, text: str = "hello", **more: Any) -> httpx.Response:
    subject = more.pop("subject", "ada")
    return house.client(role, subject=subject).post(PATH, json=chat(text, **more))


def test_the_request_after_the_last_is_429_and_says_when_to_come_back(house: House) -> None:
    left = []
    for _ in range(3):
        answer = ask(house, "batch")
        assert answer.status_code == 200
        assert answer.headers["x-ratelimit-limit-requests"] == "3"
        left.append(answer.headers["x-ratelimit-remaining-requests"])
    assert left == ["2", "1", "0"]
    seen = len(house.demo.seen)
    answer = ask(house, "batch")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limited")
    assert 3500 <= int(answer.headers["retry-after"]) <= 3600
    assert len(house.demo.seen) == seen
    outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert outcome["status"] == 429
    assert outcome["error"].startswith("rate_limited: ")
    assert "trickle" in outcome["error"]
    assert ask(house, "batch", subject="grace").status_code == 200


def test_both_sdks_raise_their_own_error(house: House) -> None:
    key = house.token("batch")
    for _ in range(3):
        ask(house, "batch")
    chatting = house.clients.enter_context(
        openai.OpenAI(base_url=f"{house.url}/v1", api_key=key, max_retries=0)
    )
    messages: Any = [{"role": "user", "content": "hello"}]
    with pytest.raises(openai.RateLimitError):
        chatting.chat.completions.create(model="demo-small", messages=messages)
    talking = house.clients.enter_context(
        anthropic.Anthropic(base_url=house.url, api_key=key, max_retries=0)
    )
    with pytest.raises(anthropic.RateLimitError):
        talking.messages.create(model="demo-small", max_tokens=5, messages=messages)


@pytest.mark.parametrize(("path", "kind"), [(PATH, None), ("/v1/messages", "rate_limit_error")])
def test_a_limit_is_told_in_the_formats_own_shape(
    house: House, path: str, kind: str | None
) -> None:
    answers = [house.client("batch").post(path, json=chat("hello", max_tokens=5)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    error = answers[-1].json()["error"]
    assert error["type"] == kind or error["code"] == "rate_limited"
    assert "trickle" not in answers[-1].text
    assert answers[-1].headers["x-gateway-decision"] == "deny"


def test_tokens_are_settled_with_what_the_provider_counted(house: House) -> None:
    answer = ask(house, "crowd", max_tokens=500)
    usage = answer.json()["usage"]
    after = ask(house, "crowd", max_tokens=500)
    left = int(after.headers["x-ratelimit-remaining-tokens"])
    assert left >= 1000 - usage["total_tokens"] - 600
    assert ask(house, "crowd", max_tokens=5000).status_code == 429


@pytest.mark.parametrize("asked", [True, False])
def test_streams_are_settled_too_and_show_counts_only_to_who_asked(
    house: House,
    asked: bool,  # noqa: FBT001 - a case
) -> None:
    client = house.clients.enter_context(
        openai.OpenAI(base_url=f"{house.url}/v1", api_key=house.token("crowd"), max_retries=0)
    )
    messages: Any = [{"role": "user", "content": "hello"}]
    more: Any = {"stream_options": {"include_usage": True}} if asked else {}
    for _ in range(4):
        chunks = list(
            client.chat.completions.create(
                model="demo-small", messages=messages, max_tokens=500, stream=True, **more
            )
        )
        assert any(chunk.usage for chunk in chunks) == asked
        assert all(chunk.choices for chunk in chunks if not chunk.usage)
    assert ask(house, "crowd", max_tokens=500).status_code == 200


def test_hanging_up_early_does_not_make_an_answer_cheap(house: House) -> None:
    body = chat("slow", max_tokens=400, stream=True)
    with house.client("crowd").stream("POST", "/v1/messages", json=body) as answer:
        assert answer.status_code == 200
    for _ in range(100):
        answer = ask(house, "crowd", max_tokens=5)
        if answer.headers.get("x-ratelimit-remaining-tokens"):
            assert int(answer.headers["x-ratelimit-remaining-tokens"]) < 600
            return
        time.sleep(0.05)
    raise AssertionError("the place of a client that hung up was not given back")


def test_what_the_gateway_refuses_uses_no_tokens(house: House) -> None:
    for _ in range(5):
        blocked = ask(house, "crowd", "my card is 4111 1111 1111 1111", max_tokens=500)
        assert blocked.json()["error"]["code"] == "content_blocked"
    assert ask(house, "crowd", max_tokens=900).status_code == 200


def test_one_at_a_time_also_for_a_client_that_hangs_up(house: House) -> None:
    client = house.client("crowd")
    body = chat("slow", max_tokens=10)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, PATH, json=body)
        while not house.demo.seen:
            time.sleep(0.01)
        assert ask(house, "crowd", max_tokens=10).status_code == 429
        assert first.result().status_code == 200
    with client.stream("POST", PATH, json=chat("slow", max_tokens=10, stream=True)) as answer:
        assert answer.status_code == 200
    for _ in range(100):
        if ask(house, "crowd", max_tokens=10).status_code == 200:
            return
        time.sleep(0.05)
    raise AssertionError("the place of a client that hung up was not given back")


def edit(redis: RedisServer) -> dict[str, str]:
    return {"upstreams:": f"state: {redis.url}\nupstreams:"}


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with run_redis(tmp_path) as server:
        yield server


def test_two_gateways_share_one_budget(tmp_path: Path, redis: RedisServer) -> None:
    with (
        build(tmp_path / "one", reply, edit=edit(redis), policy=ACCESS) as one,
        build(tmp_path / "two", reply, edit=edit(redis), policy=ACCESS) as two,
        ThreadPoolExecutor(8) as pool,
    ):
        # One issuer's key for both, so that the subject is the same to either.
        houses = [one, two] * 8
        codes = list(pool.map(lambda house: ask(house, "batch").status_code, houses))
    assert codes.count(200) == 3
    assert codes.count(429) == 13


@pytest.mark.parametrize(("policy", "status"), [(ACCESS, 503), (GENEROUS, 200)])
def test_a_lost_redis_is_what_the_policy_says_and_never_a_hang(
    tmp_path: Path, redis: RedisServer, policy: str, status: int
) -> None:
    with build(tmp_path / "one", reply, edit=edit(redis), policy=policy) as house:
        assert ask(house, "batch").status_code == 200
        redis.kill()
        done = threading.Event()
        answers: list[httpx.Response] = []

        def several() -> None:
            answers.extend(ask(house, "batch") for _ in range(5))
            done.set()

        threading.Thread(target=several, daemon=True).start()
        assert done.wait(20)
        assert {answer.status_code for answer in answers} == {status}
        if status == 503:
            assert answers[0].json()["error"]["code"] == "state_unavailable"
            assert "redis" not in answers[0].text
        assert house.client("analyst").post(PATH, json=chat("hi")).status_code == 200
        redis.start()
        for _ in range(200):
            if ask(house, "crowd", max_tokens=5).headers.get("x-ratelimit-limit-tokens"):
                return
            time.sleep(0.05)
        raise AssertionError("limits did not come back with Redis")
