"""Liveness and readiness."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import orjson
import pytest
from house import build
from starlette.requests import Request

from gateway.control.health import Health

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

REQUEST = Request({"type": "http", "method": "GET", "headers": []})


@pytest.mark.parametrize("part", ["live", "ready"])
async def test_bug_another_method_was_refused_in_plain_text(part: str) -> None:
    answer = await getattr(Health({}), part)(
        Request({"type": "http", "method": "POST", "headers": []})
    )
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert orjson.loads(answer.body)["error"]["code"] == "method_not_allowed"


async def test_the_failing_parts_are_named_and_nothing_more_is_told() -> None:
    parts = {"b": lambda: "secret words", "a": lambda: "more of them", "fine": lambda: None}
    health = Health(parts)
    answer = await health.ready(REQUEST)
    assert answer.status_code == 503
    assert answer.body == b'{"status":"unavailable","failing":["a","b"]}'
    assert (await health.live(REQUEST)).status_code == 200


async def test_a_gateway_without_failing_parts_is_ready() -> None:
    assert (await Health({"a": lambda: None}).ready(REQUEST)).body == b'{"status":"ok"}'


def test_a_store_that_is_gone_makes_it_unready_and_its_return_ready(tmp_path: Path) -> None:
    with build(tmp_path) as house:
        data = house.home / "data"
        data.rename(house.home / "away")
        client = house.client()
        assert _await(client, 503)["failing"] == ["audit"]
        assert client.get("/gateway/health/live").is_success
        (house.home / "away").rename(data)
        assert _await(client, 200) == {"status": "ok"}


def test_it_is_not_ready_while_no_issuer_has_keys(tmp_path: Path, unused_tcp_port: int) -> None:
    url = f"jwks_url: http://127.0.0.1:{unused_tcp_port}/jwks.json"
    with build(tmp_path, edit={"jwks_file: keys/issuer.jwks.json": url}) as house:
        assert _await(house.client(), 503)["failing"] == ["identity"]


def _await(client: httpx.Client, status: int) -> dict[str, object]:
    for _ in range(200):
        answer = client.get("/gateway/health/ready")
        if answer.status_code == status:
            found: dict[str, object] = answer.json()
            return found
        time.sleep(0.05)
    raise AssertionError(f"readiness never was {status}")
