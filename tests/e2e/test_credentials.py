"""What crosses to the upstream, and what never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from house import House, build, chat

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from pathlib import Path

_CREDENTIAL = """    models: ["demo-*"]
    credential: {header: authorization, value: "Bearer upstream-secret"}"""


def test_the_upstream_gets_its_own_credential_and_not_the_clients(tmp_path: Path) -> None:
    with build(tmp_path, edit={'    models: ["demo-*"]': _CREDENTIAL}) as house:
        token = house.token("analyst")
        for header, value in (("authorization", f"Bearer {token}"), ("x-api-key", token)):
            answer = httpx.post(
                f"{house.url}/v1/chat/completions",
                json=chat("Hi"),
                headers={
                    header: value,
                    "cookie": "session=1",
                    "x-forwarded-for": "203.0.113.9",
                    "openai-organization": "org-x",
                    "proxy-authorization": "Basic eA==",
                    "x-custom": "1",
                },
                trust_env=False,
            )
            assert answer.status_code == 200
            seen = house.demo.seen[-1]
            names = [name for name, _ in seen.headers]
            assert dict(seen.headers)["authorization"] == "Bearer upstream-secret"
            assert names.count("authorization") == 1
            assert not {"x-api-key", "cookie", "x-forwarded-for", "x-custom"} & set(names)
            assert not {"openai-organization", "proxy-authorization"} & set(names)
            assert token not in str(seen.headers)
            assert "upstream-secret" not in str(answer.headers)


@pytest.mark.parametrize("header", ["x-api-key", "api-key", "x-goog-api-key"])
def test_the_token_may_stand_where_a_key_stood(house: House, header: str) -> None:
    answer = httpx.post(
        f"{house.url}/v1/chat/completions",
        json=chat("Hi"),
        headers={header: house.token("analyst")},
        trust_env=False,
    )
    assert answer.status_code == 200


def test_the_upstream_sees_exactly_what_was_scanned(house: House) -> None:
    client = house.client("analyst")
    message = b'{"content":"caf\\u00e9", "role":"user"}'
    spelled = b'{ "model" : "demo-small",\n "messages":[' + message + b'], "max_tokens":  9 }'
    headers = {"content-type": "application/json"}
    assert client.post("/v1/chat/completions", content=spelled, headers=headers).is_success
    sent = house.demo.seen[-1].body
    written = '{"content":"café","role":"user"}'
    assert sent == f'{{"model":"demo-small","messages":[{written}],"max_tokens":9}}'.encode()


def test_a_rewritten_prompt_is_what_the_upstream_sees(house: House) -> None:
    client = house.client("analyst")
    assert client.post("/v1/chat/completions", json=chat("to bob@example.com")).is_success
    assert house.demo.seen[-1].json["messages"][0]["content"] == "to [EMAIL_ADDRESS]"


def test_one_clients_cookies_are_none_of_anothers(tmp_path: Path) -> None:

    def reply(_request: DemoRequest) -> DemoReply:
        return DemoReply("Hi", headers=(("set-cookie", "who=first"),))

    with build(tmp_path, reply) as house:
        for subject in ("first", "second"):
            client = house.client("analyst", subject=subject)
            answer = client.post("/v1/chat/completions", json=chat("Hi"))
            assert "set-cookie" not in answer.headers
            assert "cookie" not in dict(house.demo.seen[-1].headers)


def test_bug_an_answer_that_a_provider_kept_for_one_caller_is_no_others(house: House) -> None:
    """All callers share the upstream's credential, and with it what it keeps by this key."""
    sent: dict[str, list[dict[str, str]]] = {}
    for subject in ("ada", "eve"):
        client = house.client("analyst", subject=subject)
        for _ in range(2):
            key = {"idempotency-key": "ada@example.com-1"}
            assert client.post("/v1/chat/completions", json=chat("Hi"), headers=key).is_success
            sent.setdefault(subject, []).append(dict(house.demo.seen[-1].headers))
    keys = {who: {one["idempotency-key"] for one in heard} for who, heard in sent.items()}
    assert [len(found) for found in keys.values()] == [1, 1], "asked again, it is the same"
    assert not keys["ada"] & keys["eve"]
    assert "ada@example.com" not in str(sent)
