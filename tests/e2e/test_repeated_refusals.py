"""A flood of the same refusal is a few records and a count, over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from house import LEAN, build, chat

from gateway.audit.filters import Filters
from gateway.audit.query import events

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/v1/chat/completions"


def _stored(home: Path) -> list[dict[str, Any]]:
    return list(events(f"sqlite:///{home}/data/audit.db", Filters(limit=1000)).events)


def _heard(found: list[dict[str, Any]]) -> int:
    return sum((one.get("detail") or {}).get("repeats", 1) for one in found)


def test_a_flood_of_bad_tokens_is_counted(tmp_path: Path) -> None:
    with build(tmp_path, policy=LEAN) as house:
        client = house.client()
        client.headers["authorization"] = "Bearer not.a.token"
        shown = {client.post(PATH, json=chat("hi")).headers["x-gateway-event"] for _ in range(40)}
        for event in shown:
            assert house.records_of(event)[0]["status"] == 401
    found = [one for one in _stored(house.home) if one["status"] == 401]
    assert len(found) == 4
    assert _heard(found) == 40
    assert shown == {one["request"] for one in found}


def test_another_body_is_no_repeat(tmp_path: Path) -> None:
    with build(tmp_path, policy=LEAN) as house:
        stranger = house.client("stranger")
        for number in range(12):
            assert stranger.post(PATH, json=chat(f"text {number % 2}")).status_code == 403
    found = [one for one in _stored(house.home) if one["status"] == 403]
    # What was read is sealed, so only those with the same body are alike.
    assert _heard(found) == 12
    assert len(found) == 8


def test_reads_of_the_control_plane_are_recorded(tmp_path: Path) -> None:
    with build(tmp_path, policy=LEAN) as house:
        auditor = house.client("auditor")
        paths = ("/gateway/whoami", "/gateway/policy", "/gateway/metrics")
        for path in paths:
            for _ in range(6):
                assert auditor.get(path).status_code == 200
        event = auditor.get(paths[-1]).headers["x-gateway-event"]
        assert any(one["request"] == event for one in house.events(limit="200"))
    found = [one for one in _stored(house.home) if one["stage"] == "control.read"]
    assert {one["detail"]["path"] for one in found} == set(paths)
    assert _heard(found) == 19
    assert len(found) == 12
