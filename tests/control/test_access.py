"""The gate of the control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from raw_http import connect, head

from gateway.audit.record import Source
from gateway.control.access import Caller, refusal_response
from gateway.errors import PolicyDenied, Unauthenticated
from gateway.terms import Principal

if TYPE_CHECKING:
    from house import House


def test_a_refusal_tells_its_message_and_not_its_reason() -> None:
    answer = refusal_response(PolicyDenied("the true cause"), "id-1")
    assert answer.status_code == 403
    assert dict(answer.headers)["x-gateway-event"] == "id-1"
    assert "www-authenticate" not in answer.headers
    assert b"true cause" not in bytes(answer.body)
    assert orjson.loads(bytes(answer.body))["error"]["code"] == "policy_denied"


def test_a_refused_token_is_told_what_is_wanted() -> None:
    answer = refusal_response(Unauthenticated("expired"), "id-1")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert b"expired" not in bytes(answer.body)


def test_a_caller_is_named_with_the_policys_roles_and_not_with_its_tokens() -> None:
    who = Principal("ada", "https://issuer", ("eng", "all"), None, {}, b"", 0.0)
    caller = Caller(who, frozenset({"b", "a"}), Source(None, None), "id-1")
    assert caller.actor is not None
    assert (caller.actor.subject, caller.actor.roles) == ("ada", ("a", "b"))


def test_the_event_of_an_answer_is_the_event_of_its_record(house: House) -> None:
    answer = house.client("auditor", subject="eve").get(
        "/gateway/audit/events", headers={"user-agent": "review/1.0"}
    )
    id_ = answer.headers["x-gateway-event"]
    (record,) = [one for one in house.events(actor="eve") if one["request"] == id_]
    assert record["stage"] == "audit.read"
    assert record["source"] == {"ip": "127.0.0.1", "user_agent": "review/1.0"}


def test_a_head_that_is_too_large_is_refused(house: House) -> None:
    headers = {f"x-{number}": "y" * 4000 for number in range(10)}
    answer = house.client("auditor").get("/gateway/whoami", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("/gateway/../v1/models", ()),
        ("/gateway/whoami", ("x_role: admin",)),
        ("/gateway/whoami", ("content-length: 5",)),
        ("/gateway/health//live", ()),
    ],
    ids=["dots", "an underscore", "a body", "two slashes"],
)
def test_bug_a_connection_that_carried_a_malformed_request_is_ended(
    house: House, path: str, lines: tuple[str, ...]
) -> None:
    """The data plane ended it, and the control plane went on reading what follows."""
    token = house.token("auditor")
    with connect(house.url, timeout=5) as connection:
        connection.send(head(path, token, *lines, method="GET"))
        connection.send(head("/gateway/whoami", token, method="GET"))
        answer = connection.answer()
        assert answer is not None
        assert (answer.status, answer.headers["connection"]) == (400, "close")
        assert connection.rest() == b""
