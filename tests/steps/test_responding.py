"""The headers of every answer, and refusals over a real connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from house import chat

if TYPE_CHECKING:
    from house import House


def test_every_answer_names_its_event_its_decision_and_its_timing(house: House) -> None:
    answer = house.client("analyst").post("/v1/chat/completions", json=chat("Hi"))
    assert len(answer.headers["x-gateway-event"]) == 36
    assert answer.headers["x-gateway-decision"] == "allow"
    assert answer.headers["server-timing"].startswith("gateway;dur=")
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_refused_token_learns_nothing_from_a_clock(house: House) -> None:
    answer = house.client().post("/v1/chat/completions", json=chat("Hi"))
    assert answer.status_code == 401
    assert "server-timing" not in answer.headers
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b'{"a":1,"a":1}', 400), (b"x" * (11 * 2**20), 413)],
)
def test_a_connection_that_carried_nonsense_is_closed(
    house: House, content: bytes, status: int
) -> None:
    answer = house.client("analyst").post(
        "/v1/chat/completions", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code == status
    assert answer.headers["connection"] == "close"


def test_a_denied_request_keeps_its_connection(house: House) -> None:
    answer = house.client("analyst").post("/v1/chat/completions", json=chat("Hi", "demo-large"))
    assert answer.status_code == 403
    assert "connection" not in answer.headers
    assert answer.headers["content-type"] == "application/json"
