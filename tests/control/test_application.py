"""The control plane: who may use which endpoint, what they answer, and what is recorded of it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from house import House

NEEDS = {
    "/gateway/metrics": "admin",
    "/gateway/policy": "admin",
    "/gateway/audit/events": "auditor",
    "/gateway/audit/events/00000000-0000-7000-8000-000000000000": "auditor",
    "/gateway/audit/stream": "auditor",
}
OPEN = ("/gateway/health/live", "/gateway/health/ready")
ROLES = ("analyst", "developer", "service", "admin", "auditor")
GRANTED = {("auditor", "/gateway/policy")}
REFUSED = [
    (role, path)
    for path, wanted in NEEDS.items()
    for role in ROLES
    if role != wanted and (role, path) not in GRANTED
]


@pytest.mark.parametrize(("role", "path"), REFUSED)
def test_a_role_that_grants_nothing_is_refused_and_recorded(
    house: House, role: str, path: str
) -> None:
    answer = house.client(role, subject="mallory").get(path)
    assert answer.status_code == 403
    assert answer.headers["x-gateway-decision"] == "deny"
    assert answer.json()["error"] == {
        "code": "policy_denied",
        "message": "The policy does not allow this request.",
        "type": "policy_denied",
    }
    (record,) = house.records_of(answer.headers["x-gateway-event"])
    assert (record["decision"], record["status"], record["route"]) == ("deny", 403, "control")
    assert record["actor"]["subject"] == "mallory"
    assert role in record["actor"]["roles"]
    assert record["error"].startswith("policy_denied: no role of the caller grants ")


@pytest.mark.parametrize("path", [*NEEDS, "/gateway/whoami", "/gateway/", "/gateway/none"])
def test_nothing_is_told_without_a_token(house: House, path: str) -> None:
    for headers in ({}, {"authorization": "Bearer no.such.token"}):
        answer = house.client().get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "A valid token is required."
        assert answer.headers["www-authenticate"] == "Bearer"
        (record,) = house.records_of(answer.headers["x-gateway-event"])
        assert (record["status"], record["actor"]) == (401, None)


@pytest.mark.parametrize("path", OPEN)
def test_health_needs_no_token(house: House, path: str) -> None:
    assert house.client().get(path).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "path",
    ["/gateway/", "/gateway/none", "/gateway/whoami/", "/gateway/audit", "/gateway/audit/events/",
     "/gateway/health", "/gateway/WHOAMI", "/gateway/audit/events/a/b", "/gateway/console/"],
)  # fmt: skip
def test_an_unknown_path_is_not_found(house: House, path: str) -> None:
    answer = house.client("auditor").get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    (record,) = house.records_of(answer.headers["x-gateway-event"])
    assert record["status"] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_control_endpoints_are_only_read_and_other_tries_are_recorded(
    house: House, method: str
) -> None:
    answer = house.client("auditor").request(method, "/gateway/audit/events")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert method == "HEAD" or answer.json()["error"]["code"] == "method_not_allowed"
    (record,) = house.records_of(answer.headers["x-gateway-event"])
    assert record["status"] == 405


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/gateway/audit/../metrics", "path-dots"),
        ("/gateway//whoami", "path-dots"),
        ("/gateway/who%61mi", "path-escape"),
        ("/gateway/audit/events/%2e%2e", "path-escape"),
        ("/gateway/audit/events/a%2fb", "path-escape"),
        ("/gateway/audit/events?actor=%00", "query-escape"),
    ],
)
def test_attack_a_crooked_target_is_refused_as_on_the_data_plane(
    house: House, path: str, rule: str
) -> None:
    answer = raw_get(house, path, house.token("auditor"))
    assert b" 400 " in answer.partition(b"\r\n")[0]
    (found,) = [
        event for event in house.events(status="400", limit="20")
        if event["request"].encode() in answer
    ]  # fmt: skip
    assert found["error"].startswith(f"bad_request: {rule}: ")


def raw_get(house: House, path: str, token: str) -> bytes:
    address = urlsplit(house.url)
    with socket.create_connection((address.hostname, address.port), 5) as sock:
        lines = (f"GET {path} HTTP/1.1", "host: x", "connection: close",
                 f"authorization: Bearer {token}", "", "")  # fmt: skip
        sock.sendall("\r\n".join(lines).encode())
        parts = []
        while part := sock.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_two_tokens_are_one_too_many(house: House) -> None:
    answer = house.client("auditor").get(
        "/gateway/whoami", headers={"x-api-key": house.token("admin")}
    )
    assert answer.status_code == 401
